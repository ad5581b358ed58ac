package cli

import (
	"fmt"
	"io"
	"time"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

type dataProtectionCmd struct {
	Show dataProtectionShowCmd `cmd:"" default:"1" help:"Say whether bulk deletion of items that still sync is on."`
	On   dataProtectionOnCmd   `cmd:"" help:"Switch it on for a limited time. Every Administrator is told."`
	Off  dataProtectionOffCmd  `cmd:"" help:"Switch it off before its time."`
}

// switchView is the stable JSON form of the switch for bulk deletion.
type switchView struct {
	On      bool   `json:"on"`
	By      string `json:"by"`
	Reason  string `json:"reason"`
	Since   string `json:"since"`
	Until   string `json:"until"`
	Message string `json:"message"`
}

// showSwitch prints the switch as it is.
func (c *call) showSwitch(a *app) error {
	var b mainstay.BulkDeletion
	var now mainstay.Time
	var off error
	err := a.store.Read(c.ctx, func(t *store.Tx) error {
		var err error
		if b, err = t.BulkDeletion(c.ctx); err != nil {
			return err
		}
		now, off = t.Now(), change.BulkDeletionOff(c.ctx, t)
		if change.SwitchedOff(off) {
			return nil
		}
		return off
	})
	if err != nil {
		return err
	}
	v := switchView{}
	if off != nil {
		v.Message = mainstay.SafeMessage(off)
	} else {
		v = switchView{On: true, By: b.By, Reason: b.Reason, Since: timestamp(b.Since), Until: timestamp(b.Until)}
	}
	return c.print(v, func(w io.Writer) {
		if v.On {
			fmt.Fprintf(w, "Bulk deletion of items that still sync is on until %s, %s from now. %s: %s\n", v.Until, b.Until.Sub(now).Round(time.Minute), v.By, v.Reason)
			return
		}
		fmt.Fprintln(w, v.Message)
	})
}

func timestamp(t mainstay.Time) string { return t.Std().UTC().Format("2006-01-02T15:04:05Z") }

type dataProtectionShowCmd struct{}

// Run shows the switch.
func (dataProtectionShowCmd) Run(c *call) error {
	return c.with(func(a *app) error {
		if err := a.changes.EndBulkDeletion(c.ctx); err != nil {
			return err
		}
		return c.showSwitch(a)
	})
}

type dataProtectionOnCmd struct {
	Reason string        `required:"" help:"Why; everybody who may delete sees it."`
	For    time.Duration `default:"24h" help:"How long, 15m to 168h. It ends by itself after that."`
}

// Run switches bulk deletion on.
func (o *dataProtectionOnCmd) Run(c *call) error {
	return c.with(func(a *app) error {
		if _, err := a.changes.SwitchOnBulkDeletion(c.ctx, operator(), o.Reason, o.For); err != nil {
			return err
		}
		return c.showSwitch(a)
	})
}

type dataProtectionOffCmd struct{}

// Run switches bulk deletion off.
func (dataProtectionOffCmd) Run(c *call) error {
	return c.with(func(a *app) error {
		if err := a.changes.SwitchOffBulkDeletion(c.ctx, operator()); err != nil {
			return err
		}
		return c.showSwitch(a)
	})
}
