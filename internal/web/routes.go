package web

import (
	"net/http"

	"mainstay"
	"mainstay/internal/auth"
)

// Routes is the one list of the addresses that a browser may ask for, each with
// the right that it needs. The groups below are all there is.
func (s *Web) Routes() []auth.Route {
	var all []auth.Route
	for _, k := range mainstay.Kinds() {
		all = append(all, s.kindRoutes(k)...)
	}
	all = append(all, s.duplicateRoutes()...)
	all = append(all, s.searchRoutes()...)
	all = append(all, s.planRoutes()...)
	all = append(all, s.trashRoutes()...)
	all = append(all, s.activityRoutes()...)
	all = append(all, s.accountRoutes()...)
	return append(all, staticRoute())
}

// staticRoute hands out the style sheet, the scripts and the fonts, which are
// the same for everybody.
func staticRoute() auth.Route {
	files := Static()
	return auth.Route{Pattern: "GET /static/", Public: true, Bare: true, Handle: func(w http.ResponseWriter, r *http.Request) error {
		files.ServeHTTP(w, r)
		return nil
	}}
}

// ofKind makes a handler for one kind, whose name is part of the address.
func ofKind(k *mainstay.Kind, fn func(http.ResponseWriter, *http.Request, *mainstay.Kind) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error { return fn(w, r, k) }
}

// maxForm is the largest item form in bytes: a document of a million characters, encoded.
const maxForm = 8 << 20

// kindRoutes are the pages of one kind: its list, its items and their forms.
func (s *Web) kindRoutes(k *mainstay.Kind) []auth.Route {
	list, one := "/"+k.Plural, "/"+k.Plural+"/{id}"
	create, remove, open := mainstay.CreateItems, mainstay.DeleteItems, ofKind(k, s.item)
	if k.Name == mainstay.Organization.Name {
		// An organization is deleted through a plan, for it holds other items.
		create, remove = mainstay.CreateOrgs, mainstay.PlanChanges
		open = s.organization
	}
	routes := []auth.Route{
		{Pattern: "GET " + list, Right: mainstay.ViewItems, Handle: ofKind(k, s.kindList)},
		{Pattern: "GET " + list + "/why", Right: mainstay.ViewItems, Handle: ofKind(k, s.why)},
		{Pattern: "GET " + list + "/export.csv", Right: mainstay.ViewItems, Handle: ofKind(k, s.exportList)},
		{Pattern: "POST " + list + "/export.csv", Right: mainstay.ViewItems, Handle: ofKind(k, s.exportSelection)},
		{Pattern: "POST " + list + "/columns", Right: mainstay.ViewItems, Handle: ofKind(k, s.saveColumns)},
		{Pattern: "POST " + list + "/selection", Right: mainstay.PlanChanges, Handle: ofKind(k, s.selection)},
		{Pattern: "GET " + list + "/new", Right: create, Handle: ofKind(k, s.newItem)},
		{Pattern: "POST " + list + "/new", Right: create, Handle: ofKind(k, s.saveNew), MaxBody: maxForm},
		{Pattern: "GET " + one, Right: mainstay.ViewItems, Handle: open},
		{Pattern: "GET " + one + "/edit", Right: mainstay.EditItems, Handle: ofKind(k, s.editItem)},
		{Pattern: "POST " + one + "/edit", Right: mainstay.EditItems, Handle: ofKind(k, s.saveEdit), MaxBody: maxForm},
		{Pattern: "GET " + one + "/delete", Right: remove, Handle: ofKind(k, s.confirmDelete)},
		{Pattern: "POST " + one + "/delete", Right: remove, Handle: ofKind(k, s.deleteOne)},
		{Pattern: "GET " + one + "/protect", Right: mainstay.PlanChanges, Handle: ofKind(k, s.confirmProtect)},
		{Pattern: "POST " + one + "/protect", Right: mainstay.PlanChanges, Handle: ofKind(k, s.protectOne)},
		{Pattern: "GET " + one + "/hold", Right: mainstay.LegalHold, Handle: ofKind(k, s.confirmHold)},
		{Pattern: "POST " + one + "/hold", Right: mainstay.LegalHold, Handle: ofKind(k, s.holdOne)},
	}
	if k.Types {
		routes = append(routes, auth.Route{Pattern: "GET " + one + "/type", Right: mainstay.PlanChanges, Handle: ofKind(k, s.editType)})
	}
	routes = append(routes, s.syncRoutes(k)...)
	if k.Name == mainstay.Organization.Name {
		return append(routes,
			auth.Route{Pattern: "GET " + one + "/merge", Right: mainstay.MergeOrgs, Handle: s.merge},
			auth.Route{Pattern: "POST " + one + "/merge", Right: mainstay.MergeOrgs, Handle: s.planMerge})
	}
	inside := "/organizations/{id}/" + k.Plural
	return append(routes,
		auth.Route{Pattern: "GET " + inside, Right: mainstay.ViewItems, Handle: ofKind(k, s.organizationList)},
		auth.Route{Pattern: "GET " + inside + "/new", Right: create, Handle: ofKind(k, s.newItem)},
		auth.Route{Pattern: "POST " + inside + "/new", Right: create, Handle: ofKind(k, s.saveNew), MaxBody: maxForm})
}

// duplicateRoutes find organizations that may be the same client and tell them apart.
func (s *Web) duplicateRoutes() []auth.Route {
	const pair = duplicatesBase + "/{a}/{b}"
	return []auth.Route{
		{Pattern: "GET " + duplicatesBase, Right: mainstay.MergeOrgs, Handle: s.duplicates},
		{Pattern: "POST " + pair + "/not-the-same", Right: mainstay.MergeOrgs, Handle: s.markNotSame},
		{Pattern: "POST " + pair + "/look-again", Right: mainstay.MergeOrgs, Handle: s.lookAgain},
	}
}

// searchRoutes find things over all kinds.
func (s *Web) searchRoutes() []auth.Route {
	return []auth.Route{
		{Pattern: "GET /search", Right: mainstay.ViewItems, Handle: s.search},
		{Pattern: "GET /search/suggest", Right: mainstay.ViewItems, Handle: s.suggest},
		{Pattern: "GET /search/complete", Right: mainstay.ViewItems, Handle: s.complete},
		{Pattern: "GET /search/names", Right: mainstay.ViewItems, Handle: s.names},
	}
}

// planRoutes make, review, run and undo large changes.
func (s *Web) planRoutes() []auth.Route {
	const one = "/changes/{id}"
	return []auth.Route{
		{Pattern: "POST /changes", Right: mainstay.PlanChanges, Handle: s.makePlan, Refused: s.refuseMake},
		{Pattern: "GET " + one, Right: mainstay.PlanChanges, Handle: s.plan},
		{Pattern: "GET " + one + "/items", Right: mainstay.PlanChanges, Handle: s.planItems},
		{Pattern: "GET " + one + "/list.csv", Right: mainstay.PlanChanges, Handle: s.planList},
		{Pattern: "GET " + one + "/outcomes.csv", Right: mainstay.PlanChanges, Handle: s.planOutcomes},
		{Pattern: "GET " + one + "/include", Right: mainstay.PlanChanges, Handle: s.confirmInclude},
		{Pattern: "POST " + one + "/include", Right: mainstay.PlanChanges, Handle: s.includeHeld},
		{Pattern: "POST " + one + "/keep", Right: mainstay.PlanChanges, Handle: s.keepItem},
		{Pattern: "POST " + one + "/syncing", Right: mainstay.PlanChanges, Handle: s.takeSyncing, Refused: s.refusePlan},
		{Pattern: "POST " + one + "/confirm", Right: mainstay.PlanChanges, Handle: s.confirmPlan, Refused: s.refusePlan},
		{Pattern: "POST " + one + "/discard", Right: mainstay.PlanChanges, Handle: s.discardPlan},
		{Pattern: "POST " + one + "/cancel", Right: mainstay.PlanChanges, Handle: s.movePlan(s.Changes.CancelStart)},
		{Pattern: "POST " + one + "/pause", Right: mainstay.PlanChanges, Handle: s.movePlan(s.Changes.PausePlan)},
		{Pattern: "POST " + one + "/resume", Right: mainstay.PlanChanges, Handle: s.movePlan(s.Changes.ResumePlan), Refused: s.refusePlan},
		{Pattern: "GET " + one + "/stop", Right: mainstay.PlanChanges, Handle: s.confirmStop},
		{Pattern: "POST " + one + "/stop", Right: mainstay.PlanChanges, Handle: s.stopPlan},
		{Pattern: "POST " + one + "/restore", Right: mainstay.UseTrash, Handle: s.undoPlan},
		{Pattern: "GET " + one + "/events", Right: mainstay.PlanChanges, Stream: true, Handle: s.planEvents},
		{Pattern: "GET " + one + "/progress", Right: mainstay.PlanChanges, Polled: true, Handle: s.planProgress},
	}
}

// trashRoutes show what was deleted and bring it back.
func (s *Web) trashRoutes() []auth.Route {
	const one = "/trash/{key}"
	return []auth.Route{
		{Pattern: "GET /trash", Right: mainstay.UseTrash, Handle: s.trash},
		{Pattern: "GET " + one, Right: mainstay.UseTrash, Handle: s.trashItems},
		{Pattern: "GET " + one + "/restore", Right: mainstay.UseTrash, Handle: s.confirmRestore},
		{Pattern: "POST " + one + "/restore", Right: mainstay.UseTrash, Handle: s.restoreTrash},
		{Pattern: "GET " + one + "/purge", Right: mainstay.PurgeTrash, Handle: s.confirmPurge},
		{Pattern: "POST " + one + "/purge", Right: mainstay.PurgeTrash, Handle: s.purgeTrash},
	}
}

// activityRoutes show who did what, and help.
func (s *Web) activityRoutes() []auth.Route {
	return []auth.Route{
		{Pattern: "GET /activity", Right: mainstay.SeeActivity, Handle: s.activity},
		{Pattern: "GET /organizations/{id}/activity", Right: mainstay.SeeActivity, Handle: s.organizationActivity},
		{Pattern: "GET /help", Right: mainstay.UseOwnAccount, Handle: s.guides},
		{Pattern: "GET /help/{guide}", Right: mainstay.UseOwnAccount, Handle: s.guide},
		{Pattern: "GET /help/pictures/{file}", Right: mainstay.UseOwnAccount, Handle: s.guidePicture},
		{Pattern: "GET /help/shortcuts", Right: mainstay.UseOwnAccount, Handle: s.shortcuts},
	}
}
