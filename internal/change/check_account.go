package change

import (
	"context"
	"fmt"
	"time"

	"mainstay"
	"mainstay/internal/store"
)

func organizations(n int) string { return mainstay.Organization.Count(n) }

func checkMatched(ctx context.Context, t *store.Tx, a mainstay.Actor) (mainstay.Check, error) {
	k := mainstay.Check{Key: "matched", State: mainstay.CheckGood, Unit: "organizations", Title: "No matched organization holds hand-made data",
		Text: "No organization that was here before the PSA's record was matched with it holds anything that exists only here."}
	n, err := t.MatchedOnlyHere(ctx, a)
	if k.Number, k.Examples = n.Organizations, n.Examples; k.Number > 0 {
		k.State, k.Title = mainstay.CheckLook, organizations(n.Organizations)+" held hand-made data before the PSA came"
		k.Text = "They were matched by name and look like any synced organization, but hold " + items(n.Items) + " that no PSA has. Plans hold them back. Include one only after you have read what it holds."
		k.Link, k.Act = "/organizations?q=only+here%3A+any", "Show"
	}
	return k, err
}

func checkOrphans(ctx context.Context, t *store.Tx, a mainstay.Actor) (mainstay.Check, error) {
	k := mainstay.Check{Key: "orphans", State: mainstay.CheckGood, Unit: "items", Title: "No orphan holds anything that exists only here", Text: "Every orphaned organization could be fetched from the PSA again."}
	n, err := t.OrphanedOnlyHere(ctx, a)
	if k.Number, k.Examples = n.Items, n.Examples; k.Number > 0 {
		k.State, k.Title = mainstay.CheckLook, items(n.Items)+" in "+organizations(n.Organizations)+" that are orphaned exist only here"
		if n.Organizations == 1 {
			k.Title = items(n.Items) + " in 1 organization that is orphaned exist only here"
		}
		k.Text = "Read them before you delete their organizations. A plan holds them back; protect what must stay whatever anybody includes."
		k.Link, k.Act = "/organizations?q=sync+status%3A+orphaned+only+here%3A+any", "Show"
	}
	return k, err
}

func checkProtected(ctx context.Context, t *store.Tx, _ mainstay.Actor) (mainstay.Check, error) {
	k := mainstay.Check{Key: "protected", State: mainstay.CheckGood, Unit: "items"}
	kept, held, err := t.CountProtected(ctx)
	k.Number = kept + held
	k.Title = fmt.Sprintf("%s protected, %s under legal hold", mainstay.Thousands(kept), mainstay.Thousands(held))
	k.Text = "Plans keep them, and whole organizations that hold them. Look whether everything that must stay is among them."
	k.Link, k.Act = "/organizations?q=protected%3A+yes", "Show"
	if k.Number == 0 {
		k.State, k.Title = mainstay.CheckLook, "Nothing is protected"
		k.Text = "Protect what must stay whatever a filter matches: your largest clients, and everything under a legal hold."
		k.Link, k.Act = "/organizations", "Choose"
	}
	return k, err
}

func checkPeople(ctx context.Context, t *store.Tx, _ mainstay.Actor) (mainstay.Check, error) {
	k := mainstay.Check{Key: "people", State: mainstay.CheckGood, Unit: "people", Link: "/account/users", Act: "Users"}
	people, err := t.Users(ctx)
	var bosses, managers, some, single int
	for _, u := range people {
		switch {
		case u.Disabled:
		case u.Role == mainstay.Administrator:
			bosses++
		case u.Role == mainstay.Manager && u.AllOrganizations:
			managers++
		case u.Role == mainstay.Manager:
			some++
		case u.Role == mainstay.Editor:
			single++
		}
	}
	k.Number = bosses + managers + some
	k.Title = persons(k.Number) + " can delete in bulk"
	k.Text = counted(bosses, "Administrator") + ", " + counted(managers, "Manager") + " with all organizations and " + mainstay.Thousands(some) + " with some. " +
		counted(single, "Editor") + " may delete single items, one by one."
	if managers+some > 0 {
		k.State = mainstay.CheckLook
		k.Text += " Large deletions are best left to Administrators: make Managers Editors while you clean up, or agree who does it."
	}
	return k, err
}

func persons(n int) string {
	if n == 1 {
		return "1 person"
	}
	return mainstay.Thousands(n) + " people"
}

func checkSwitch(ctx context.Context, t *store.Tx, _ mainstay.Actor) (mainstay.Check, error) {
	k := mainstay.Check{Key: "switch", State: mainstay.CheckGood, Unit: "hours left", Title: "Bulk deletion of items that still sync is off", Link: dataProtectionPage, Act: "Data protection",
		Text: "Only what no longer syncs can be deleted in bulk. Deleting orphans needs nothing more."}
	b, err := t.BulkDeletion(ctx)
	if b.On(t.Now()) {
		left := b.Until.Sub(t.Now())
		k.State, k.Title, k.Number = mainstay.CheckLook, "Bulk deletion of items that still sync is on", int(left/time.Hour)
		k.Text = b.By + " switched it on: " + b.Reason + " It ends by itself at " + utc(b.Until) + ". Switch it off as soon as the work is done."
	}
	return k, err
}

// trashShort is from how many days of Trash on a mistake is noticed in time.
const trashShort = 7

func checkTrash(ctx context.Context, t *store.Tx, a mainstay.Actor) (mainstay.Check, error) {
	k := mainstay.Check{Key: "trash", State: mainstay.CheckGood, Unit: "days"}
	keep, err := trashDays(ctx, t)
	k.Number = int(keep / (24 * time.Hour))
	k.Title = "Trash keeps everything for " + counted(k.Number, "day")
	k.Text = "Until then everything can be restored as it was, with its links."
	if k.Number < trashShort {
		k.State = mainstay.CheckLook
		k.Text += " That is short: a mistake is often noticed after a week."
	}
	if a.Can(mainstay.ChangeSettings, 0) == nil {
		k.Link, k.Act = "/account/settings", "Settings"
	}
	return k, err
}
