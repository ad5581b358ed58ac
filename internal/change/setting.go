package change

import (
	"context"
	"strconv"

	"mainstay"
	"mainstay/internal/store"
)

// The settings of the account by name.
const (
	SettingAccount   = "account name"
	SettingTrashDays = "trash days"
)

// The range of days that deleted items can be restored.
const (
	minTrashDays = 1
	maxTrashDays = 365
)

// SaveAccount changes the name of the account and how long the trash keeps.
// Items that are in the trash already keep the date they were given.
func (c *Changes) SaveAccount(ctx context.Context, a mainstay.Actor, name string, days int) error {
	if err := a.Can(mainstay.ChangeSettings, 0); err != nil {
		return err
	}
	name = mainstay.CleanText(name, false)
	switch {
	case name == "" || len(name) > mainstay.MaxName:
		return mainstay.FieldError("name", "Enter a name for the account, up to %d characters.", mainstay.MaxName)
	case days < minTrashDays || days > maxTrashDays:
		return mainstay.FieldError("trash_days", "Trash keeps items for %d to %d days.", minTrashDays, maxTrashDays)
	}
	return c.Store.Write(ctx, func(t *store.Tx) error {
		before, err := t.Setting(ctx, SettingTrashDays, "30")
		if err != nil {
			return err
		}
		if err := t.SetSetting(ctx, SettingAccount, name); err != nil {
			return err
		}
		if err := t.SetSetting(ctx, SettingTrashDays, strconv.Itoa(days)); err != nil {
			return err
		}
		return note(ctx, t, a, "changed settings", "Account", "Trash keeps items for "+strconv.Itoa(days)+" days (before: "+before+")")
	})
}
