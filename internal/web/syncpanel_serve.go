package web

import (
	"context"
	"strings"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// syncPanel says which PSA record an item follows and why, and what a person may
// do about it. Kinds that no PSA knows have none.
func (s *Web) syncPanel(ctx context.Context, t *store.Tx, p Page, i mainstay.Item, labels []mainstay.Label) (*SyncPanel, error) {
	if !i.Spec().Syncs {
		return nil, nil
	}
	panel, err := s.syncFacts(ctx, t, p, i, labels)
	if err != nil {
		return nil, err
	}
	return panel, fillSteps(ctx, t, p, i, panel)
}

// syncFacts is the panel without its steps.
func (s *Web) syncFacts(ctx context.Context, t *store.Tx, p Page, i mainstay.Item, labels []mainstay.Label) (*SyncPanel, error) {
	panel := &SyncPanel{State: i.Sync, Since: i.Since, Note: i.SyncNote}
	record, linked, err := t.RecordOf(ctx, i.ID)
	if err != nil {
		return nil, err
	}
	if !linked {
		if panel.Ended, err = endedLink(ctx, t, p, i, labels); err != nil || panel.Ended != nil {
			panel.Note = ""
			return panel, err
		}
		panel.Note = strings.TrimSpace("It is linked with no PSA record, so no sync changes it. " + i.SyncNote)
		return panel, nil
	}
	in, err := t.Integration(ctx, record.IntegrationID)
	if err != nil {
		return nil, err
	}
	panel.Integration, panel.Paused, panel.NextFull = in.Name, in.Paused, in.NextFull
	panel.Record = capital(i.Spec().Label) + " " + record.ExternalID
	if s.Engine != nil {
		panel.RecordURL = safeURL(s.Engine.RecordURL(in, i.Kind, record.ExternalID))
	}
	if p.May(mainstay.ManageSync) && in.Removed.IsZero() {
		panel.IntegrationURL = integrationURL(in.ID)
	}
	if panel.LastSynced, err = lastSeen(ctx, t, record); err != nil {
		return nil, err
	}
	panel.Reason = reasonText(i, record, labels)
	if reason, note, err := mergedParent(ctx, t, i, record, in.Name); err != nil {
		return nil, err
	} else if reason != "" {
		panel.Reason, panel.Note = reason, note
	}
	panel.Unticked = i.Sync == mainstay.Orphaned && !in.Settings.Syncs(i.Kind, record.TypeIDs, record.StatusID)
	if panel.Saved, err = lastSaved(ctx, t, p, i, in, namesOf(labels, record, mainstay.TypeAxis, record.TypeIDs)); err != nil {
		return nil, err
	}
	if i.Sync == mainstay.Syncing {
		panel.Because = becauseText(in.Settings, i.Kind, record, labels)
	}
	return panel, nil
}

// lastSeen is when a run last saw the record.
func lastSeen(ctx context.Context, t *store.Tx, record store.Record) (mainstay.Time, error) {
	if record.RunID == 0 {
		return record.Linked, nil
	}
	run, err := t.Run(ctx, record.RunID)
	if mainstay.KindOf(err) == mainstay.NotFound {
		return record.Linked, nil
	}
	if run.Ended.IsZero() {
		return run.Started, err
	}
	return run.Ended, err
}

// reasonText says in words why an item is orphaned: "Type Prospect isn't synced".
func reasonText(i mainstay.Item, record store.Record, labels []mainstay.Label) string {
	switch i.Reason {
	case mainstay.ReasonType:
		if names := externalNames(labels, record, mainstay.TypeAxis, record.TypeIDs); names != "" {
			return "Type " + names + " isn't synced"
		}
	case mainstay.ReasonStatus:
		if names := externalNames(labels, record, mainstay.StatusAxis, []string{record.StatusID}); names != "" {
			return "Status " + names + " isn't synced"
		}
	case mainstay.ReasonDeleted, mainstay.ReasonParent, mainstay.ReasonInactive, mainstay.ReasonSetting:
	}
	return i.Reason.Label()
}

// externalNames writes the names of labels that a PSA knows by their ids.
func externalNames(labels []mainstay.Label, record store.Record, axis mainstay.Axis, ids []string) string {
	return andList(namesOf(labels, record, axis, ids))
}

// namesOf lists the names of labels that a PSA knows by their ids.
func namesOf(labels []mainstay.Label, record store.Record, axis mainstay.Axis, ids []string) []string {
	var names []string
	for _, id := range ids {
		for _, l := range labels {
			if l.IntegrationID == record.IntegrationID && l.Kind == record.Kind && l.Axis == axis && l.ExternalID == id {
				names = append(names, l.Name)
			}
		}
	}
	return names
}

// becauseText names the ticked box that makes a record sync: "Client + Active".
func becauseText(settings mainstay.Settings, kind mainstay.KindName, record store.Record, labels []mainstay.Label) string {
	pairs := settings.Pairs(kind)
	if pairs == nil {
		k, err := mainstay.KindNamed(string(kind))
		if err != nil {
			return ""
		}
		return capital(k.Plural) + " are switched on"
	}
	status := externalNames(labels, record, mainstay.StatusAxis, []string{record.StatusID})
	types := record.TypeIDs
	if len(types) == 0 {
		types = []string{""}
	}
	for _, id := range types {
		if !pairs[mainstay.Pair{Type: id, Status: record.StatusID}] {
			continue
		}
		name := externalNames(labels, record, mainstay.TypeAxis, []string{id})
		if name == "" {
			name = "No type"
		}
		if status == "" {
			return name
		}
		return name + " + " + status
	}
	return ""
}

// safeURL lets only web addresses through.
func safeURL(to string) string {
	if strings.HasPrefix(to, "https://") || strings.HasPrefix(to, "http://") {
		return to
	}
	return ""
}

// orphanText says why an item is orphaned, what is safe, and the ways on.
func orphanText(p Page, i mainstay.Item, panel *SyncPanel) string {
	why := panel.Note
	if why == "" {
		why = sentence(panel.Reason)
	}
	if panel.Saved != "" {
		why += " " + panel.Saved
	}
	text := why + " It keeps its data and no sync changes it. It syncs again when the PSA's record fits the sync settings: change the record there, or the settings here."
	if to, _ := deleteLink(p.Actor, i); to != "" && !panel.Kept {
		text += " Or delete it here: " + panel.Integration + " isn't changed."
	}
	return text
}

// lastSaved says who unticked the types of an item that the sync settings orphaned,
// else who saved the settings last before that; empty where it is not known or this
// person may not see it.
func lastSaved(ctx context.Context, t *store.Tx, p Page, i mainstay.Item, in mainstay.Integration, types []string) (string, error) {
	if i.Sync != mainstay.Orphaned || i.Reason != mainstay.ReasonSetting || !p.May(mainstay.SeeActivity) {
		return "", nil
	}
	entries, err := t.AccountActivity(ctx, in.Name, savedEntries)
	saved := ""
	for _, e := range entries {
		if e.Verb != "changed sync settings" || e.At > i.Since {
			continue
		}
		at := p.day(e.At) + " " + p.clock(e.At)
		if change.Unticks(e.Detail, i.Spec(), types) {
			return "Unticked by " + e.Who + ", " + at + ".", err
		}
		if saved == "" {
			saved = "The settings were last saved before that by " + e.Who + ", " + at + "."
		}
	}
	return saved, err
}

// savedEntries is how far back lastSaved looks.
const savedEntries = 50

// itemNotes explain a state in which a person can do something.
func itemNotes(p Page, i mainstay.Item, panel *SyncPanel) []Note {
	if panel == nil {
		return nil
	}
	switch i.Sync {
	case mainstay.Orphaned:
		n := Note{Tone: "orange", Lead: capital(i.Spec().Label) + " is orphaned.", Text: orphanText(p, i, panel)}
		if panel.IntegrationURL != "" {
			n.Link = Link{"Sync settings", panel.IntegrationURL + "/sync-settings"}
		}
		return []Note{n}
	case mainstay.SyncError:
		return []Note{{Tone: "red", Lead: "The last sync failed for this " + i.Spec().Label + ".", Text: i.SyncNote}}
	case mainstay.NotLinked:
		if panel.Ended != nil {
			return []Note{panel.Ended.note(p)}
		}
	case mainstay.SyncDisabled:
		if i.Kind == mainstay.Organization.Name {
			return []Note{{Icon: "plug-off", Lead: "Sync is disabled for this organization.", Text: "No sync changes its own fields or marks it as orphaned. What it holds goes on syncing."}}
		}
	case mainstay.Syncing:
	}
	return nil
}
