package web

import (
	"mainstay"
	"mainstay/internal/auth"
)

// syncRoutes change how a single item of a kind follows its PSA record.
func (s *Web) syncRoutes(k *mainstay.Kind) []auth.Route {
	if !k.Syncs {
		return nil
	}
	one := "/" + k.Plural + "/{id}"
	link, ask, end := mainstay.SyncItems, s.askDisconnectItem, s.disconnectItem
	if k.Name == mainstay.Organization.Name {
		// What an organization is linked with decides about all that it holds.
		link, ask, end = mainstay.PlanChanges, s.askDisconnectOrganization, s.disconnectOrganization
	}
	return []auth.Route{
		{Pattern: "POST " + one + "/sync", Right: mainstay.SyncItems, Handle: ofKind(k, s.syncOne)},
		{Pattern: "GET " + one + "/sync/disable", Right: mainstay.SyncItems, Handle: ofKind(k, s.askDisableSync)},
		{Pattern: "POST " + one + "/sync/disable", Right: mainstay.SyncItems, Handle: ofKind(k, s.switchSync(false))},
		{Pattern: "POST " + one + "/sync/enable", Right: mainstay.SyncItems, Handle: ofKind(k, s.switchSync(true))},
		{Pattern: "GET " + one + "/disconnect", Right: link, Handle: ofKind(k, ask)},
		{Pattern: "POST " + one + "/disconnect", Right: link, Handle: ofKind(k, end)},
		{Pattern: "GET " + one + "/match", Right: link, Handle: ofKind(k, s.matchItem)},
		{Pattern: "GET " + one + "/match/preview", Right: link, Handle: ofKind(k, s.previewMatch)},
		{Pattern: "POST " + one + "/match", Right: link, Handle: ofKind(k, s.matchOne)},
		{Pattern: "POST " + one + "/undo/{plan}", Right: link, Handle: ofKind(k, s.undoItem)},
	}
}
