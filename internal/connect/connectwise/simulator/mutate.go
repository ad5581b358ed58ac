package simulator

import (
	"slices"
	"time"
)

// stamp writes a time as the API does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// keep stores a row as changed now; the caller holds the lock. Rows are never
// changed in place, so one that was handed out stays as it was.
func (s *Simulator) keep(resource string, r record) {
	i := r.info()
	i.LastUpdated, i.UpdatedBy = stamp(s.cfg.Now()), "DWhitfield"
	if i.DateEntered == "" {
		i.DateEntered = i.LastUpdated
	}
	s.table(resource).put(r)
	if resource == Sites {
		s.sitesOf = nil
	}
}

// deleteRow removes a row, and with a company everything below it; the caller
// holds the lock.
func (s *Simulator) deleteRow(resource string, id int64) bool {
	r, ok := s.table(resource).rows[id]
	if !ok {
		return false
	}
	s.table(resource).remove(id)
	if resource == Sites {
		s.sitesOf = nil
	}
	if c, ok := r.(*Company); ok {
		s.graves[id] = c
		for _, child := range []string{Sites, Contacts, Configurations} {
			t := s.table(child)
			for _, n := range slices.Clone(t.ids) {
				if of := companyOf(t.rows[n]); of != nil && of.ID == id {
					t.remove(n)
				}
			}
		}
		s.sitesOf = nil
	}
	return true
}

// companyOf returns the reference to the company that holds a row.
func companyOf(r record) *Ref {
	switch r := r.(type) {
	case *Site:
		return r.Company
	case *Contact:
		return r.Company
	case *Configuration:
		return r.Company
	}
	return nil
}

// merge moves the children of one company to another and removes the first; the
// caller holds the lock.
func (s *Simulator) merge(from, to int64) bool {
	target, ok := s.table(Companies).rows[to].(*Company)
	source, found := s.table(Companies).rows[from].(*Company)
	if !ok || !found || from == to {
		return false
	}
	ref := &Ref{target.ID, target.Identifier, target.Name}
	for _, child := range []string{Sites, Contacts, Configurations} {
		t := s.table(child)
		for _, n := range slices.Clone(t.ids) {
			if of := companyOf(t.rows[n]); of == nil || of.ID != from {
				continue
			}
			switch r := t.rows[n].(type) {
			case *Site:
				c := *r
				c.Company, c.PrimaryAddressFlag = ref, false
				s.keep(child, &c)
			case *Contact:
				c := *r
				c.Company = ref
				s.keep(child, &c)
			case *Configuration:
				c := *r
				c.Company = ref
				s.keep(child, &c)
			}
		}
	}
	s.table(Companies).remove(from)
	s.graves[from] = source
	return true
}

// change stores an edited copy of a row, and reports whether there was one.
func change[T any, P interface {
	*T
	record
}](s *Simulator, resource string, id int64, edit func(P)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.table(resource).rows[id].(P)
	if !ok {
		return false
	}
	c := *r
	edit(P(&c))
	s.keep(resource, P(&c))
	return true
}

// EditCompany changes a company as a person in the PSA does. edit must replace
// lists and references, not change them in place.
func (s *Simulator) EditCompany(id int64, edit func(*Company)) bool {
	return change(s, Companies, id, edit)
}

// EditSite changes a site; see EditCompany.
func (s *Simulator) EditSite(id int64, edit func(*Site)) bool { return change(s, Sites, id, edit) }

// EditContact changes a contact; see EditCompany.
func (s *Simulator) EditContact(id int64, edit func(*Contact)) bool {
	return change(s, Contacts, id, edit)
}

// EditConfiguration changes a configuration; see EditCompany.
func (s *Simulator) EditConfiguration(id int64, edit func(*Configuration)) bool {
	return change(s, Configurations, id, edit)
}

// EditLabel changes a type or a status, for example its name.
func (s *Simulator) EditLabel(resource string, id int64, edit func(*Label)) bool {
	if !change(s, resource, id, edit) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.relabel(resource, s.table(resource).rows[id].(*Label))
	return true
}

// relabel writes a label's name into the references of every row; the caller
// holds the lock. A rename touches no row's own lastUpdated.
func (s *Simulator) relabel(resource string, l *Label) {
	name := func(r *Ref) *Ref {
		if r == nil || r.ID != l.ID {
			return r
		}
		return &Ref{ID: r.ID, Name: l.Text()}
	}
	switch resource {
	case CompanyTypes, CompanyStatuses:
		t := s.table(Companies)
		for id, r := range t.rows {
			c := *r.(*Company)
			if resource == CompanyStatuses {
				c.Status = name(c.Status)
			} else {
				c.Types = slices.Clone(c.Types)
				for i := range c.Types {
					c.Types[i] = *name(&c.Types[i])
				}
			}
			t.rows[id] = &c
		}
	case ConfigurationTypes, ConfigurationStatuses:
		t := s.table(Configurations)
		for id, r := range t.rows {
			c := *r.(*Configuration)
			if resource == ConfigurationStatuses {
				c.Status = name(c.Status)
			} else {
				c.Type = name(c.Type)
			}
			t.rows[id] = &c
		}
	}
}

// AddLabel makes a type or a status and returns its id.
func (s *Simulator) AddLabel(resource, name string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &Label{ID: s.table(resource).next, Name: name}
	if resource == ConfigurationStatuses || resource == ContactTypes || resource == CommunicationTypes {
		l.Name, l.Description = "", name
	}
	s.keep(resource, l)
	return l.ID
}

// Delete removes a row for good; a company takes everything below it along.
func (s *Simulator) Delete(resource string, id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.deleteRow(resource, id)
}

// MarkDeleted sets or clears a company's deleted flag.
func (s *Simulator) MarkDeleted(id int64, deleted bool) bool {
	return s.EditCompany(id, func(c *Company) {
		c.DeletedFlag, c.DateDeleted, c.DeletedBy = deleted, "", ""
		if deleted {
			c.DateDeleted, c.DeletedBy = stamp(s.cfg.Now()), "DWhitfield"
		}
	})
}

// Merge moves everything of one company to another and removes the first.
func (s *Simulator) Merge(from, to int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.merge(from, to)
}

// AddCompany makes an active company with one type and returns its id.
func (s *Simulator) AddCompany(name, typeName, statusName string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &Company{ID: s.table(Companies).next, Name: name, Identifier: identifier(name),
		Types: []Ref{s.labelRef(CompanyTypes, typeName)}}
	status := s.labelRef(CompanyStatuses, statusName)
	c.Status = &status
	s.keep(Companies, c)
	return c.ID
}

// Recreate makes a new company like one that was removed, under a new id, and
// returns that id; 0 where none was removed.
func (s *Simulator) Recreate(id int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	grave, ok := s.graves[id]
	if !ok {
		return 0
	}
	c := *grave
	c.ID, c.DeletedFlag = s.table(Companies).next, false
	s.keep(Companies, &c)
	delete(s.graves, id)
	return c.ID
}

// Undelete brings a removed company back under its old id, without children.
func (s *Simulator) Undelete(id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	grave, ok := s.graves[id]
	if !ok {
		return false
	}
	c := *grave
	s.keep(Companies, &c)
	delete(s.graves, id)
	return true
}

// Renumber gives the id of one company to another record's content, as a PSA
// does that was restored from elsewhere: the company with this id becomes
// another one.
func (s *Simulator) Renumber(id int64, name string) bool {
	return s.EditCompany(id, func(c *Company) {
		*c = Company{ID: id, Name: name, Identifier: identifier(name), Status: c.Status, Types: c.Types}
	})
}
