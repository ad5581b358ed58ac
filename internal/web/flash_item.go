package web

import (
	"strings"

	"mainstay"
	"mainstay/internal/change"
)

// right is what undoing needs, for the messages whose button undoes something.
func (f flash) right() mainstay.Right {
	switch f.Code {
	case flashSyncOff, flashSyncOn, flashUnlinked, flashMatched:
		return mainstay.SyncItems
	}
	return mainstay.UseTrash
}

// oneFlash is the message about a record that was synced by itself.
func oneFlash(out change.OneSynced) flash {
	code := flashOne + "-" + flashCode(strings.ReplaceAll(string(out.Outcome), " ", "-"))
	return flash{Code: code, Kind: out.Item.Kind, N: int(out.Item.ID), ID: int64(out.Fields)}
}

// oneToast makes the words of a message about how a single item syncs.
func (f flash) oneToast() (Toast, bool) {
	k, err := mainstay.KindNamed(string(f.Kind))
	if err != nil {
		return Toast{}, false
	}
	ref := mainstay.Ref{Kind: k.Name, ID: mainstay.ItemID(f.N)}
	undo := itemURL(ref) + "/undo/" + idText(mainstay.ItemID(f.ID))
	switch f.Code {
	case flashSyncOff:
		return Toast{Text: "Sync disabled for this " + k.Label, Action: "Undo", URL: switchURL(ref, "enable", f.ID), Post: true}, true
	case flashSyncOn:
		return Toast{Text: "Sync enabled. The next sync brings it up to date", Action: "Undo", URL: switchURL(ref, "disable", f.ID), Post: true}, true
	case flashUnlinked:
		return Toast{Text: capital(k.Label) + " disconnected", Action: "Undo", URL: undo, Post: true}, true
	case flashMatched:
		return Toast{Text: capital(k.Label) + " matched. The next sync brings it up to date", Action: "Undo", URL: undo, Post: true}, true
	case flashLinkBack:
		return Toast{Text: capital(k.Label) + " linked again"}, true
	case flashUnmatched:
		return Toast{Text: "The match was taken back"}, true
	}
	out, ok := strings.CutPrefix(string(f.Code), string(flashOne)+"-")
	if !ok {
		return Toast{}, false
	}
	return f.synced(k, change.OneOutcome(strings.ReplaceAll(out, "-", " "))), true
}

// synced says what became of an item that was synced by itself.
func (f flash) synced(k *mainstay.Kind, out change.OneOutcome) Toast {
	switch out {
	case change.OneUpdated:
		return Toast{Text: "Synced: " + some(int(f.ID), "field") + " changed"}
	case change.OneHealed:
		return Toast{Text: "Synced: it syncs again"}
	case change.OneMoved:
		return Toast{Text: "Synced: it moved to another organization, as in the PSA"}
	case change.OneUnchanged:
		return Toast{Text: "Synced: nothing differs from the PSA"}
	case change.OneBroken:
		return Toast{Text: "Its record can't be read. The reason is under Sync", Error: true}
	case change.OneOut:
		return Toast{Text: "Its record doesn't sync by the settings. The " + k.Label + " was left as it is; the next full sync decides", Error: true}
	case change.OneGone:
		return Toast{Text: "The PSA no longer has its record. The " + k.Label + " was left as it is; the next full sync decides", Error: true}
	}
	return Toast{}
}
