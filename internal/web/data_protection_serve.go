package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// shownSwitches is how much of the switch's history its page shows.
const shownSwitches = 20

// dataProtection shows the switch for bulk deletion.
func (s *Web) dataProtection(w http.ResponseWriter, r *http.Request) error {
	return s.protectionPage(w, r, http.StatusOK, typedSwitch{}, nil)
}

// typedSwitch is what was typed to switch it on.
type typedSwitch struct{ reason, last string }

// protectionPage draws the page with what was typed and what is wrong with it.
func (s *Web) protectionPage(w http.ResponseWriter, r *http.Request, status int, in typedSwitch, errs map[string]string) error {
	p := DataProtectionPage{Error: errs[""]}
	ctx := r.Context()
	err := s.Store.Read(ctx, func(t *store.Tx) error {
		var err error
		if p.Page, err = s.page(r, t, Page{Title: "Data protection", Active: "protection", Crumbs: []Crumb{{Label: "Data protection"}}}); err != nil {
			return err
		}
		if p.Switch, err = t.BulkDeletion(ctx); err != nil {
			return err
		}
		if p.On = p.Switch.On(p.Now); !p.On {
			if p.Off, err = switchSentence(r, t, p.Actor); err != nil {
				return err
			}
		}
		entries, err := t.AccountActivity(ctx, mainstay.BulkDeletionName, shownSwitches)
		for _, e := range entries {
			p.Log = append(p.Log, switchEvent(e))
		}
		return err
	})
	if err != nil {
		return err
	}
	if p.May(mainstay.ChangeSettings) {
		if p.On && errs == nil {
			in = typedSwitch{p.Switch.Reason, keepEnd}
		}
		p.Form = []FormField{
			{Name: "reason", Label: "Reason", Type: "textarea", Value: in.reason, Required: true, Max: mainstay.MaxNote, Error: errs["reason"], Help: "Everybody who may delete sees it."},
			{Name: "for", Label: "For", Type: "select", Options: p.lasting(in.last), Error: errs["for"], Help: "It ends by itself after that."},
		}
	}
	return s.write(w, r, status, dataProtectionView(p))
}

// switchSentence is what pages say to a person while the switch is off; empty
// while it is on.
func switchSentence(r *http.Request, t *store.Tx, a mainstay.Actor) (string, error) {
	err := change.BulkDeletionOffFor(r.Context(), t, a)
	if change.SwitchedOff(err) {
		return mainstay.SafeMessage(err), nil
	}
	return "", err
}

// switchEvent is one entry of the switch's history.
func switchEvent(e mainstay.Activity) Event {
	v := eventOf(e)
	v.Name, v.URL = "", ""
	switch e.Verb {
	case "switched on":
		v.Icon, v.Tone, v.Verb = "shield-lock", "red", "switched it on"
	case "switched off":
		v.Icon, v.Tone, v.Verb = "shield-check", "green", "switched it off"
	case "ended":
		v.Icon, v.Tone, v.Who, v.Verb = "clock", "green", "", "It ended by itself"
	case "was refused":
		v.Icon, v.Tone = "shield-lock", "amber"
	}
	return v
}

// switchOn lets plans delete items that still sync for a while.
func (s *Web) switchOn(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	in := typedSwitch{strings.TrimSpace(r.PostForm.Get("reason")), r.PostForm.Get("for")}
	last, err := formLasting(r)
	if err == nil {
		_, err = s.Changes.SwitchOnBulkDeletion(r.Context(), auth.Actor(r.Context()), in.reason, last)
	}
	var e *mainstay.Error
	switch {
	case err == nil:
		withFlash(w, flash{Code: flashSwitchedOn})
		return redirect(w, r, protectionURL)
	case errors.As(err, &e) && e.Kind == mainstay.Invalid:
		return s.protectionPage(w, r, auth.Status(err), in, map[string]string{e.Field: e.Message})
	}
	return err
}

// formLasting is the time that the form asks for: the usual one where it says none.
func formLasting(r *http.Request) (time.Duration, error) {
	switch r.PostForm.Get("for") {
	case "":
		return mainstay.BulkDeletionUsual, nil
	case keepEnd:
		return change.KeepEnd, nil
	}
	n, err := formNumber(r, "for")
	return time.Duration(min(max(n, 0), int64(mainstay.BulkDeletionMost/time.Minute)+1)) * time.Minute, err
}

// switchOff ends the switch before its time.
func (s *Web) switchOff(w http.ResponseWriter, r *http.Request) error {
	if err := s.Changes.SwitchOffBulkDeletion(r.Context(), auth.Actor(r.Context())); err != nil {
		return err
	}
	withFlash(w, flash{Code: flashSwitchedOff})
	return redirect(w, r, protectionURL)
}

// fillSyncing counts what a deletion keeps because it still syncs, and says
// whether the switch lets it take that.
func fillSyncing(r *http.Request, t *store.Tx, p *PlanPage) error {
	var err error
	if p.Syncing, err = t.CountSyncingHeld(r.Context(), p.Plan); err != nil || (p.Syncing == 0 && !p.Plan.Params.Syncing) {
		return err
	}
	p.SwitchedOff, err = switchSentence(r, t, p.Actor)
	return err
}

// takeSyncing lets a plan delete what it held back because it still syncs.
func (s *Web) takeSyncing(w http.ResponseWriter, r *http.Request) error {
	id, err := s.planID(r)
	if err != nil {
		return err
	}
	if _, err := s.Changes.TakeSyncing(r.Context(), auth.Actor(r.Context()), id); err != nil {
		return err
	}
	return redirect(w, r, planURL(id))
}

// refuseMake answers people without the right who try to plan a deletion of
// items that still sync: the try is recorded.
func (s *Web) refuseMake(r *http.Request, why error) error {
	if form(r) != nil || r.PostForm.Get("syncing") == "" {
		return why
	}
	return s.Changes.RefuseSyncing(r.Context(), auth.Actor(r.Context()), 0, "Plan to delete items that still sync", why)
}

// refusePlan is refuseMake for a plan that takes items which still sync.
func (s *Web) refusePlan(r *http.Request, why error) error {
	id, err := pathID(r, "id")
	if err != nil {
		return why
	}
	var p mainstay.Plan
	err = s.Store.Read(r.Context(), func(t *store.Tx) error {
		p, err = t.Plan(r.Context(), mainstay.PlanID(id))
		return err
	})
	taking := strings.HasSuffix(r.URL.Path, "/syncing")
	if err != nil || (!p.Params.Syncing && !taking) {
		return why
	}
	return s.Changes.RefuseSyncing(r.Context(), auth.Actor(r.Context()), p.ID, p.Title(), why)
}
