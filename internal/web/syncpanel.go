package web

import (
	"github.com/a-h/templ"

	"mainstay"
)

// SyncPanel says which PSA record an item follows and why, and what a person may
// do about it.
type SyncPanel struct {
	State          mainstay.SyncState
	Reason         string // in words: "Type Prospect isn't synced"
	Since          mainstay.Time
	Note           string // the sentence of an error, or the evidence
	Saved          string // who saved the settings that orphaned it, as a sentence
	Unticked       bool   // orphaned, and its record doesn't fit the settings: syncing it now changes nothing
	Kept           bool   // protected, so it can't be deleted
	Integration    string // empty where the item has no link
	IntegrationURL string // empty for a person who may not open it
	Record         string // "Company 4471"
	RecordURL      string // in the PSA; empty where unknown
	LastSynced     mainstay.Time
	NextFull       mainstay.Time
	Paused         bool
	Because        string // "Client + Active"
	MatchedBy      string // "Exact name"
	Ended          *EndedLink
	// The steps; an empty address hides the button.
	NowURL        string // POST
	DisableURL    string // POST
	AskDisableURL string // a page that asks first, for what holds other items
	EnableURL     string // POST
	DisconnectURL string // a page that asks first
	Holds         bool   // what is disconnected holds other items, so its page shows a plan
	MatchURL      string // a page to choose the record on
	NoDelete      *NoDelete
}

// NoDelete says why an item can't be deleted now, and the ways on.
type NoDelete struct {
	Reason string
	Ways   []Way
}

// Way is a step that makes something possible: a link, or a name alone, and what follows.
type Way struct {
	Link Link
	Text string
}

func (s SyncPanel) steps() bool {
	return s.DisableURL != "" || s.AskDisableURL != "" || s.EnableURL != "" || s.DisconnectURL != "" || s.MatchURL != ""
}

// dialog opens the question about a disconnection over the present page, where
// it is a short one.
func (s SyncPanel) dialog() templ.Attributes {
	if s.Holds {
		return nil
	}
	return inDialog(s.DisconnectURL)
}
