package web

import (
	"net/http"
	"strconv"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/store"
)

// visibleItem reads the item of the address, outside of a page.
func (s *Web) visibleItem(r *http.Request, k *mainstay.Kind) (i mainstay.Item, err error) {
	err = s.Store.Read(r.Context(), func(t *store.Tx) error {
		i, err = itemAt(r, t, k)
		return err
	})
	return i, err
}

// syncOne reads the record of one item from the PSA and takes it over.
func (s *Web) syncOne(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	i, err := s.visibleItem(r, k)
	if err != nil {
		return err
	}
	out, err := s.Engine.SyncItem(r.Context(), auth.Actor(r.Context()), i.Ref())
	if err != nil {
		return err
	}
	withFlash(w, oneFlash(out))
	return redirect(w, r, itemURL(i.Ref()))
}

// askDisableSync asks before the syncing of one item is turned off, and says what
// of an organization goes on.
func (s *Web) askDisableSync(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	p := ConfirmPage{}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		i, err := itemAt(r, t, k)
		if err != nil {
			return err
		}
		if i.Sync != mainstay.Syncing && i.Sync != mainstay.SyncError {
			return mainstay.Errorf(mainstay.Conflict, "%s doesn't sync now, so there is nothing to disable.", itemName(i))
		}
		if p.Page, err = s.page(r, t, Page{Title: "Disable sync of " + itemName(i), Active: k.Plural, Crumbs: stepCrumbs(k, i, "Disable sync")}); err != nil {
			return err
		}
		p.Heading, p.Action, p.Back, p.Button = "Disable sync of "+itemName(i), itemURL(i.Ref())+"/sync/disable", itemURL(i.Ref()), "Disable sync of 1 "+k.Label
		p.Fields = []Hidden{{"version", strconv.FormatInt(i.Version, 10)}}
		p.Text = []string{"It stays linked, and no sync changes it or marks it as orphaned until sync is enabled again. Your PSA isn't changed."}
		if k.Name != mainstay.Organization.Name {
			return nil
		}
		in, err := t.CountIn(r.Context(), i.ID)
		inside := map[mainstay.KindName]int{}
		for kind, states := range in {
			inside[kind] = states[mainstay.Syncing] + states[mainstay.SyncError]
		}
		if n := sumKinds(inside); n > 0 {
			p.Text = append(p.Text, "What it holds goes on syncing: "+inWords(inside)+". To stop that, too, disconnect the organization with what it holds, or untick its type.")
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, confirmView(p), confirmDialog(p))
}

// stepCrumbs is the path to a page about one item.
func stepCrumbs(k *mainstay.Kind, i mainstay.Item, step string) []Crumb {
	return []Crumb{{Label: capital(k.Plural), URL: "/" + k.Plural}, {Label: itemName(i), URL: itemURL(i.Ref())}, {Label: step}}
}

// switchSync turns the syncing of one item on or off, in the version that the
// form or the address names.
func (s *Web) switchSync(on bool) func(http.ResponseWriter, *http.Request, *mainstay.Kind) error {
	return func(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
		i, err := s.visibleItem(r, k)
		if err != nil {
			return err
		}
		version, err := anyNumber(r, "version")
		if err != nil {
			return err
		}
		do, code := s.Changes.DisableSync, flashSyncOff
		if on {
			do, code = s.Changes.EnableSync, flashSyncOn
		}
		n, err := do(r.Context(), auth.Actor(r.Context()), i.Ref(), version)
		if err != nil {
			return err
		}
		withFlash(w, flash{Code: code, Kind: k.Name, N: int(n.ID), ID: n.Version})
		return redirect(w, r, itemURL(i.Ref()))
	}
}

// anyNumber is formNumber for a value that a button may carry in its address.
func anyNumber(r *http.Request, name string) (int64, error) {
	if err := form(r); err != nil {
		return 0, err
	}
	if !r.PostForm.Has(name) {
		r.PostForm.Set(name, r.URL.Query().Get(name))
	}
	return formNumber(r, name)
}

// askDisconnectItem asks before one item that holds no others is disconnected.
func (s *Web) askDisconnectItem(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	p, err := s.disconnectItemPage(r, k)
	if err != nil {
		return err
	}
	return s.show(w, r, confirmView(p), confirmDialog(p))
}

func (s *Web) disconnectItemPage(r *http.Request, k *mainstay.Kind) (ConfirmPage, error) {
	p := ConfirmPage{}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		i, err := itemAt(r, t, k)
		if err != nil {
			return err
		}
		record, linked, err := t.RecordOf(r.Context(), i.ID)
		if err != nil {
			return err
		}
		if !linked || i.Sync == mainstay.NotLinked {
			return mainstay.Errorf(mainstay.Conflict, "%s is linked with no PSA record, so there is nothing to disconnect.", itemName(i))
		}
		in, err := t.Integration(r.Context(), record.IntegrationID)
		if err != nil {
			return err
		}
		if p.Page, err = s.page(r, t, Page{Title: "Disconnect " + itemName(i), Active: k.Plural, Crumbs: stepCrumbs(k, i, "Disconnect")}); err != nil {
			return err
		}
		p.Heading, p.Action, p.Back, p.Button = "Disconnect "+itemName(i)+" from "+in.Name, itemURL(i.Ref())+"/disconnect", itemURL(i.Ref()), "Disconnect 1 "+k.Label
		p.Fields = []Hidden{{"version", strconv.FormatInt(i.Version, 10)}}
		p.Inputs = []FormField{{Name: "note", Label: "Reason, shown with the item", Type: "text", Max: mainstay.MaxNote}}
		p.Text = []string{"It stays here as Not linked, with all its data, and no longer updates from " + in.Name + ". " + in.Name + " isn't changed.",
			"While its record syncs, that waits under Match again, so no duplicate is made. You can undo this, or match it to a record later."}
		return nil
	})
	return p, err
}

// disconnectItem ends the link of one item at once.
func (s *Web) disconnectItem(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	if err := form(r); err != nil {
		return err
	}
	p, err := s.disconnectItemPage(r, k)
	if err != nil {
		return err
	}
	i, err := s.visibleItem(r, k)
	if err != nil {
		return err
	}
	version, err := formNumber(r, "version")
	if err != nil {
		return err
	}
	plan, err := s.Changes.DisconnectNow(r.Context(), auth.Actor(r.Context()), k, map[mainstay.ItemID]int64{i.ID: version}, r.PostForm.Get("note"))
	if kind := mainstay.KindOf(err); kind == mainstay.Invalid || kind == mainstay.Conflict || kind == mainstay.Held {
		p.Error, p.Inputs[0].Value = mainstay.SafeMessage(err), r.PostForm.Get("note")
		return s.write(w, r, auth.Status(err), confirmView(p))
	}
	if err != nil {
		return err
	}
	withFlash(w, flash{Code: flashUnlinked, Kind: k.Name, N: int(i.ID), ID: int64(plan.ID)})
	return redirect(w, r, itemURL(i.Ref()))
}

// undoItem takes back what disconnected or matched one item.
func (s *Web) undoItem(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	i, err := s.visibleItem(r, k)
	if err != nil {
		return err
	}
	id, err := pathID(r, "plan")
	if err != nil {
		return err
	}
	plan, err := s.Changes.UndoOne(r.Context(), auth.Actor(r.Context()), i.Ref(), mainstay.PlanID(id))
	if err != nil {
		return err
	}
	code := flashLinkBack
	if plan.Action == mainstay.ActionDisconnect {
		code = flashUnmatched
	}
	withFlash(w, flash{Code: code, Kind: k.Name, N: int(i.ID)})
	return redirect(w, r, itemURL(i.Ref()))
}
