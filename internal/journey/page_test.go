package journey

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/web"
)

// notPages are answers to GET that no person reads as a page: files, streams
// and parts of pages, which the pages bring along.
const notPages = `/static/ /help/pictures/{file} /{kinds}/export.csv /search/suggest /search/complete /search/names /changes/{id}/list.csv /changes/{id}/outcomes.csv
/changes/{id}/events /changes/{id}/progress /login/link /jobs/pill /account/integrations/{id}/log/{run}/events
/account/integrations/{id}/log/{run}/progress /account/integrations/{id}/log/{run}/candidates.csv /account/backups/{id}/download`

// pages are the addresses to look at for each route that shows a page, with the
// status they answer with where that is not 200. Words in braces are filled from
// the live installation.
const pages = `
/{kinds}                         {kinds} {kinds}?q=sync+status%3A+orphaned {kinds}?q=sync+stauts%3A+orphaned {kinds}?q=nobody+is+called+this
/{kinds}/why                     {kinds}/why?q=nobody+is+called+this documents/why?q=a!404
/{kinds}/new                     {kinds}/new
/{kinds}/{id}                    {kinds}/{item} {kinds}/{orphan} organizations/{rich}
/{kinds}/{id}/edit               {kinds}/{item}/edit
/{kinds}/{id}/delete             {kinds}/{orphan}/delete organizations/{organizations}/delete!409
/{kinds}/{id}/protect            {kinds}/{item}/protect
/{kinds}/{id}/hold               {kinds}/{item}/hold
/{kinds}/{id}/type               organizations/{organizations}/type configurations/{configurations}/type contacts/{contacts}/type
/organizations/{id}/{kinds}      organizations/{rich}/{kinds}
/organizations/{id}/{kinds}/new  organizations/{rich}/{kinds}/new
/search                          search search?q=a search?q=nobody+is+called+this
/changes/{id}                    changes/{review} changes/{review}?by=reason changes/{small} changes/{done} changes/{restored} changes/{starting}
/changes/{id}/items              changes/{review}/items changes/{review}/items?show=held changes/{done}/items?q=a
/changes/{id}/include            changes/{review}/include?item={held}
/changes/{id}/stop               changes/{starting}/stop
/trash                           trash trash?q=nobody+is+called+this trash?q=a
/trash/{key}                     trash/{done} trash/{done}?q=a
/trash/{key}/restore             trash/{done}/restore
/trash/{key}/purge               trash/{done}/purge
/activity                        activity activity?q=nobody+is+called+this
/organizations/{id}/activity     organizations/{rich}/activity
/{kinds}/duplicates              organizations/duplicates organizations/duplicates?reason=name organizations/duplicates?view=not-the-same organizations/duplicates?organization={rich}
/{kinds}/{id}/merge              organizations/{rich}/merge organizations/{rich}/merge?find=a organizations/{rich}/merge?with={organizations}
/help                            help
/help/{guide}                    help/before-a-cleanup help/wrong-tick-box help/delete-orphans help/delete-by-type help/disconnect help/one-item help/change-and-protect help/merge help/get-it-back
/help/shortcuts                  help/shortcuts
/login                           login
/setup                           setup
/{$}                             .
/me                              me
/account/users                   account/users
/account/users/new               account/users/new
/account/users/{id}              account/users/{user}
/account/users/{id}/disable      account/users/{user}/disable
/account/integrations            account/integrations
/account/integrations/new        account/integrations/new?connector=connectwise
/account/integrations/{id}       account/integrations/1
/account/integrations/{id}/edit  account/integrations/1/edit
/account/integrations/{id}/pause account/integrations/1/pause
/account/integrations/{id}/sync-settings       account/integrations/1/sync-settings
/account/integrations/{id}/sync-settings/{tab} account/integrations/1/sync-settings/configurations account/integrations/1/sync-settings/contacts account/integrations/1/sync-settings/schedule
/account/integrations/{id}/manage-data         account/integrations/1/manage-data account/integrations/1/manage-data?group=status account/integrations/1/manage-data?kind=contacts
/account/integrations/{id}/manage-data/rows/{row}       {row}
/account/integrations/{id}/manage-data/disconnect account/integrations/1/manage-data/disconnect?kind=contacts
/account/integrations/{id}/match               account/integrations/1/match
/account/integrations/{id}/remove              account/integrations/1/remove
/{kinds}/{id}/disconnect         {kinds}/{synced}/disconnect
/{kinds}/{id}/sync/disable       {kinds}/{synced}/sync/disable
/{kinds}/{id}/match              {kinds}/{synced}/match!409 contacts/{apart}/match contacts/{apart}/match?q=nobody+is+called+this
/{kinds}/{id}/match/preview      contacts/{apart}/match/preview?integration=1&record={free}
/account/data-protection         account/data-protection
/account/before-a-cleanup        account/before-a-cleanup
/account/integrations/{id}/log                 account/integrations/1/log
/account/integrations/{id}/log/{run}           account/integrations/1/log/2 account/integrations/1/log/{heldrun}
/account/integrations/{id}/log/{run}/accept    account/integrations/1/log/{heldrun}/accept
/jobs                            jobs
/account/backups                 account/backups
/account/settings                account/settings`

// ofOne reports whether a page of one organization is no list of what it holds.
func ofOne(page string) bool {
	return slices.Contains([]string{"edit", "delete", "activity", "disconnect", "sync/disable", "match", "match/preview", "protect", "hold", "type", "merge"}, page)
}

// routed lists every address that answers GET, with the kinds in one.
func routed() map[string]bool {
	out := map[string]bool{}
	kinds := regexp.MustCompile(`/(organizations|configurations|contacts|locations|documents)\b`)
	for _, r := range (&web.Web{}).Routes() {
		path, ok := strings.CutPrefix(r.Pattern, "GET ")
		if !ok {
			continue
		}
		if inside, ok := strings.CutPrefix(path, "/organizations/{id}/"); ok && !ofOne(inside) {
			out["/organizations/{id}"+kinds.ReplaceAllString("/"+inside, "/{kinds}")] = true
			continue
		}
		if path != "/organizations/{id}/activity" {
			path = kinds.ReplaceAllString(path, "/{kinds}")
		}
		out[path] = true
	}
	return out
}

// visit is one page to look at.
type visit struct {
	name, address string
	status        int
}

// kindsOf are the kinds that an address with the word {kinds} stands for.
// Organizations don't lie in organizations, and documents don't sync.
func kindsOf(address string) []string {
	var out []string
	for _, k := range mainstay.Kinds() {
		inside := strings.Contains(address, "{rich}/") && k.Name == mainstay.Organization.Name
		synced := strings.Contains(address, "{orphan}") || strings.Contains(address, "{synced}") || strings.Contains(address, "/why?")
		if !inside && (k.Syncs || !synced) {
			out = append(out, k.Plural)
		}
	}
	return out
}

// visits are all pages with the ids of a live installation.
func (e exhibition) visits() []visit {
	var out []visit
	for line := range strings.Lines(strings.TrimSpace(pages)) {
		for _, address := range strings.Fields(line)[1:] {
			kinds := []string{""}
			if strings.Contains(address, "{kinds}") {
				kinds = kindsOf(address)
			}
			for _, k := range kinds {
				a := strings.NewReplacer("{kinds}", k, "{item}", "{"+k+"}", "{orphan}", "{orphan "+k+"}", "{synced}", "{synced "+k+"}").Replace(address)
				a, number, special := strings.Cut(a, "!")
				status := 200
				if special {
					fmt.Sscan(number, &status) // a status of 0 fails the visit
				}
				out = append(out, visit{strings.NewReplacer("{", "", "}", "", "/", "-", "?", "-").Replace(a), "/" + strings.TrimPrefix(e.fill(a), "."), status})
			}
		}
	}
	return out
}

// A page that is added is looked at, too: the list above names every route.
func TestPages_complete(t *testing.T) {
	named := map[string]bool{}
	for _, f := range strings.Fields(notPages) {
		named[f] = true
	}
	for line := range strings.Lines(strings.TrimSpace(pages)) {
		named[strings.Fields(line)[0]] = true
	}
	if diff := cmp.Diff(routed(), named); diff != "" {
		t.Errorf("-routes +looked at:\n%s", diff)
	}
}
