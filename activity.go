package mainstay

// Activity is one entry of the log of who did what. It refers to nothing by
// foreign key, keeps names, and outlives what it describes (requirement R29).
type Activity struct {
	ID             int64
	At             Time
	UserID         UserID // 0 for the system
	Who            string
	Verb           string // "created", "updated", "deleted", "restored", "purged", "orphaned", …
	Kind           KindName
	ItemID         ItemID
	OrganizationID ItemID
	Name           string
	RunID          RunID
	PlanID         PlanID
	Detail         string            // a sentence, where the verb alone does not say enough
	Changes        map[string]Change // field name to before and after
	Address        string
}

// Change is one field before and after.
type Change struct {
	Before string `json:"before"`
	After  string `json:"after"`
}
