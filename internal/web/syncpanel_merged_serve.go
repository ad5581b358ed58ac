package web

import (
	"context"

	"mainstay"
	"mainstay/internal/store"
)

// mergedParent says why an item is orphaned that follows the company of an
// organization which was merged into its own: that company doesn't sync, whatever
// its organization here does. Both texts are empty for other items.
func mergedParent(ctx context.Context, t *store.Tx, i mainstay.Item, record store.Record, psa string) (reason, note string, err error) {
	if i.Reason != mainstay.ReasonParent || record.CompanyID == "" {
		return "", "", nil
	}
	ended, err := t.Tombstones(ctx, record.IntegrationID, mainstay.Organization.Name, []string{record.CompanyID})
	s, ok := ended[record.CompanyID]
	if err != nil || !ok || s.Why != mainstay.EndedMerged || s.ItemID != i.OrganizationID {
		return "", "", err
	}
	names, err := t.NamesByID(ctx, []mainstay.ItemID{i.OrganizationID})
	return "Its company isn't synced", "It belongs to company " + record.CompanyID + " in " + psa + ", whose organization was merged into " + names[i.OrganizationID] +
		". It syncs again once that company does.", err
}
