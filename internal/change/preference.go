package change

import (
	"context"
	"strings"

	"mainstay"
	"mainstay/internal/store"
)

// maxColumns is the longest choice of columns that is kept, in bytes.
const maxColumns = 4000

// ColumnsPreference names the preference that holds the columns of a kind's
// lists, by their names with commas between.
func ColumnsPreference(kind mainstay.KindName) string { return "columns of " + string(kind) }

// ChooseColumns keeps which columns the actor wants to see in the lists of a
// kind. It is their own affair, so no activity tells of it.
func (c *Changes) ChooseColumns(ctx context.Context, a mainstay.Actor, kind *mainstay.Kind, columns []string) error {
	if err := mayPrefer(a); err != nil {
		return err
	}
	value := strings.Join(columns, ",")
	if len(value) > maxColumns {
		return mainstay.Errorf(mainstay.Invalid, "That's more columns than a list has. Nothing was changed. Choose them again.")
	}
	return c.Store.Write(ctx, func(t *store.Tx) error {
		return t.SetPreference(ctx, a.UserID, ColumnsPreference(kind.Name), value)
	})
}

// ResetColumns gives the lists of a kind the columns back that everybody starts with.
func (c *Changes) ResetColumns(ctx context.Context, a mainstay.Actor, kind *mainstay.Kind) error {
	if err := mayPrefer(a); err != nil {
		return err
	}
	return c.Store.Write(ctx, func(t *store.Tx) error {
		return t.ForgetPreference(ctx, a.UserID, ColumnsPreference(kind.Name))
	})
}

// mayPrefer lets people who are signed in have preferences; the system has none.
func mayPrefer(a mainstay.Actor) error {
	if err := a.Can(mainstay.UseOwnAccount, 0); err != nil {
		return err
	}
	if a.UserID == 0 {
		return mainstay.Errorf(mainstay.Forbidden, "Only people who sign in have columns of their own.")
	}
	return nil
}
