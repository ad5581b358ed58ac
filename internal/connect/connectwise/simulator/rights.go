package simulator

// The resources, as tests, rights and faults name them.
const (
	Companies             = "company/companies"
	CompanyStatuses       = "company/companies/statuses"
	CompanyTypes          = "company/companies/types"
	TypeAssociations      = "company/companyTypeAssociations"
	Sites                 = "company/sites"
	Contacts              = "company/contacts"
	ContactTypes          = "company/contacts/types"
	Communications        = "company/contacts/communications"
	Configurations        = "company/configurations"
	ConfigurationStatuses = "company/configurations/statuses"
	ConfigurationTypes    = "company/configurations/types"
	CommunicationTypes    = "company/communicationTypes"
	SystemInfo            = "system/info"
)

// Deny takes the key's right to a resource away: every call answers 403.
func (s *Simulator) Deny(resource string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.denied[resource] = true
}

// Allow gives the right back, and shows all rows again.
func (s *Simulator) Allow(resource string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.denied, resource)
	delete(s.hidden, resource)
}

// Hide narrows what the key sees, as the security levels My and None do: rows
// for which hide is true are missing from lists and counts, and asking for one
// by id answers that it was not found. Nothing tells the key that they exist.
func (s *Simulator) Hide(resource string, hide func(id int64) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hidden[resource] = hide
}

// HideAll hides every row of a resource.
func (s *Simulator) HideAll(resource string) { s.Hide(resource, func(int64) bool { return true }) }

// HideCompaniesOfType hides the companies that have a type.
func (s *Simulator) HideCompaniesOfType(typeID int64) {
	s.mu.RLock()
	ids := map[int64]bool{}
	for id, r := range s.table(Companies).rows {
		for _, t := range r.(*Company).Types {
			if t.ID == typeID {
				ids[id] = true
			}
		}
	}
	s.mu.RUnlock()
	s.Hide(Companies, func(id int64) bool { return ids[id] })
}

// seen returns the test for the rows of a resource that the key may see.
func (s *Simulator) seen(resource string) func(record) bool {
	hide := s.hidden[resource]
	return func(r record) bool { return hide == nil || !hide(r.key()) }
}
