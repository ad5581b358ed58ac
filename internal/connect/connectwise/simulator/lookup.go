package simulator

import (
	"cmp"
	"slices"
	"strings"
)

// labelRef returns a reference to the label with a name; the caller holds the lock.
func (s *Simulator) labelRef(resource, name string) Ref {
	for _, r := range s.table(resource).rows {
		if l := r.(*Label); strings.EqualFold(l.Text(), name) {
			return Ref{ID: l.ID, Name: l.Text()}
		}
	}
	return Ref{}
}

// LabelID returns the id of a type or status by name; 0 for none.
func (s *Simulator) LabelID(resource, name string) int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.labelRef(resource, name).ID
}

// IDs returns the ids of a resource, ascending.
func (s *Simulator) IDs(resource string) []int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.table(resource).ids)
}

// Count returns how many rows a resource has, whatever the key may see.
func (s *Simulator) Count(resource string) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.table(resource).ids)
}

// Company returns a copy of a company.
func (s *Simulator) Company(id int64) (Company, bool) { return row[Company](s, Companies, id) }

// Site returns a copy of a site.
func (s *Simulator) Site(id int64) (Site, bool) { return row[Site](s, Sites, id) }

// Contact returns a copy of a contact.
func (s *Simulator) Contact(id int64) (Contact, bool) { return row[Contact](s, Contacts, id) }

// Configuration returns a copy of a configuration.
func (s *Simulator) Configuration(id int64) (Configuration, bool) {
	return row[Configuration](s, Configurations, id)
}

func row[T any](s *Simulator, resource string, id int64) (T, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var zero T
	r, ok := any(s.table(resource).rows[id]).(*T)
	if !ok {
		return zero, false
	}
	return *r, true
}

// Removed returns the companies that were deleted or merged away, by id.
func (s *Simulator) Removed() []Company {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []Company
	for _, c := range s.graves {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Company) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// CompaniesOfType returns the ids of the companies that have a type, ascending.
func (s *Simulator) CompaniesOfType(typeName string) []int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []int64
	t := s.table(Companies)
	for _, id := range t.ids {
		for _, of := range t.rows[id].(*Company).Types {
			if strings.EqualFold(of.Name, typeName) {
				out = append(out, id)
				break
			}
		}
	}
	return out
}

// Label returns a copy of a type or status.
func (s *Simulator) Label(resource string, id int64) (Label, bool) {
	return row[Label](s, resource, id)
}
