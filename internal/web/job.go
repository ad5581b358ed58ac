package web

import "mainstay"

// JobsPage lists long work: syncs, plans, backups.
type JobsPage struct {
	Page
	Tabs  []Tab // All, Running, Waiting, Failed, Done
	Jobs  []JobRow
	Pager Pager
	Empty *Empty
}

// JobRow is one job. Tone is that of a tag: "accent", "green", "amber", "red",
// "orange" or empty.
type JobRow struct {
	Icon, Label, URL string
	Who              string
	State, Tone      string
	Percent          int // below 0 shows no bar
	Result           string
	Started, Ended   mainstay.Time
	CancelURL        string // POST; empty hides the button
	RetryURL         string // POST; empty hides the button
	Waits            bool   // for a person: it took no time yet
}
