package web

import (
	"net/url"

	"mainstay"
	"mainstay/internal/store"
)

// tasks are the commands that are named after what a person wants to do, with the
// page on which it begins, as far as this person may.
func (p Page) tasks(integrations []mainstay.Integration) []SearchResult {
	var out []SearchResult
	add := func(may bool, icon, label, to string) {
		if may {
			out = append(out, SearchResult{Icon: icon, Label: label, URL: to})
		}
	}
	orphans := "/organizations?" + url.Values{"q": {stateQuery(mainstay.Orphaned)}}.Encode()
	add(p.May(mainstay.MergeOrgs), "arrows-exchange", "Merge two organizations: duplicates", duplicatesBase)
	add(p.May(mainstay.MergeOrgs), "arrows-exchange", "Merge two organizations: tick two in the list", listSpec{Base: "/organizations"}.url("", store.ByName, ""))
	add(p.May(mainstay.PlanChanges), "trash", "Delete orphans: orphaned organizations", orphans)
	add(p.May(mainstay.UseTrash), "arrow-back-up", "Undo a deletion: Trash", "/trash")
	add(p.May(mainstay.PlanChanges) && p.May(mainstay.ManageSync), "arrow-back-up", "Undo a merge or another change: Jobs", "/jobs")
	add(p.May(mainstay.PlanChanges), "shield-lock", "Before a clean-up: what to look at first, preventing accidental deletion", checksURL)
	for _, i := range integrations {
		add(p.May(mainstay.ManageSync), "adjustments-horizontal", "Sync settings of "+i.Name, integrationURL(i.ID)+"/sync-settings")
		add(p.May(mainstay.ManageSync), "database", "Manage data of "+i.Name+": delete orphans, disconnect", integrationURL(i.ID)+"/manage-data")
	}
	return out
}
