package web

import (
	"context"
	"strconv"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// fillSteps fills in what this person may do about the link of an item now.
func fillSteps(ctx context.Context, t *store.Tx, p Page, i mainstay.Item, panel *SyncPanel) error {
	at := itemURL(i.Ref())
	if p.Actor.Can(mainstay.SyncItems, i.OrganizationID) == nil {
		switch i.Sync {
		case mainstay.Syncing, mainstay.SyncError:
			if !panel.Paused {
				panel.NowURL = at + "/sync"
			}
			if i.Kind == mainstay.Organization.Name {
				panel.AskDisableURL = at + "/sync/disable"
			} else {
				panel.DisableURL = switchURL(i.Ref(), "disable", i.Version)
			}
		case mainstay.Orphaned:
			if !panel.Paused && !panel.Unticked {
				panel.NowURL = at + "/sync"
			}
		case mainstay.SyncDisabled:
			panel.EnableURL = switchURL(i.Ref(), "enable", i.Version)
		case mainstay.NotLinked:
			if change.MayMatch(p.Actor, i) == nil {
				all, err := t.Integrations(ctx)
				if err != nil {
					return err
				}
				if len(all) > 0 {
					panel.MatchURL = at + "/match"
				}
			}
		}
	}
	panel.DisconnectURL, panel.Holds = disconnectLink(p.Actor, i), i.Kind == mainstay.Organization.Name
	if _, reason := deleteLink(p.Actor, i); reason != "" && (i.Sync == mainstay.Syncing || i.Sync == mainstay.SyncError) {
		panel.NoDelete = &NoDelete{Reason: "It can't be deleted while it syncs.", Ways: waysToDelete(i, panel)}
	}
	return nil
}

// switchURL turns the syncing of an item on or off, as a person saw it.
func switchURL(ref mainstay.Ref, to string, version int64) string {
	return itemURL(ref) + "/sync/" + to + "?version=" + strconv.FormatInt(version, 10)
}

// waysToDelete are the ways on for an item that syncs and so can't be deleted.
func waysToDelete(i mainstay.Item, panel *SyncPanel) []Way {
	var ways []Way
	k := i.Spec()
	if panel.DisconnectURL != "" {
		w := Way{Link{"Disconnect it.", panel.DisconnectURL}, "It stays here, follows the PSA no more, and you can delete it at once."}
		if k.Name == mainstay.Organization.Name {
			w.Text = "It stays here with all that it holds, follows the PSA no more, and you can plan its deletion at once."
		}
		ways = append(ways, w)
	}
	if panel.DisableURL != "" {
		ways = append(ways, Way{Link{Label: "Disable its sync."}, "It stays linked, no sync changes it, and you can delete it at once."})
	}
	if k.Types && k.Statuses {
		w := Way{Link{Label: "Untick its type."}, "It becomes orphaned at the next full sync with all others of the type, and then you can delete it."}
		if panel.IntegrationURL != "" {
			w.Link.URL = panel.IntegrationURL + "/sync-settings/" + k.Plural
		}
		ways = append(ways, w)
	}
	return ways
}
