package web

import (
	"net/http"
	"strconv"
	"time"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// confirmDelete asks before one item goes to Trash.
func (s *Web) confirmDelete(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	p, err := s.deletePage(r, k)
	if err != nil {
		return err
	}
	return s.show(w, r, confirmView(p), confirmDialog(p))
}

func (s *Web) deletePage(r *http.Request, k *mainstay.Kind) (ConfirmPage, error) {
	ctx := r.Context()
	p := ConfirmPage{}
	err := s.Store.Read(ctx, func(t *store.Tx) error {
		i, err := itemAt(r, t, k)
		if err != nil {
			return err
		}
		to, reason := deleteLink(auth.Actor(ctx), i)
		kept, err := protectionOf(ctx, t, s.bare(r, Page{}), i, Link{Label: "Its organization"})
		if err != nil {
			return err
		}
		if why := kept.reason(s.bare(r, Page{})); why != "" && to != "" {
			to, reason = "", why
		}
		if to == "" && reason != "" {
			return mainstay.Errorf(mainstay.Conflict, "%s", reason)
		}
		if p.Page, err = s.page(r, t, Page{Title: "Delete " + itemName(i), Active: k.Plural, Crumbs: []Crumb{{Label: capital(k.Plural), URL: "/" + k.Plural}, {Label: itemName(i), URL: itemURL(i.Ref())}, {Label: "Delete"}}}); err != nil {
			return err
		}
		p.Heading, p.Action, p.Back, p.Danger = "Delete "+itemName(i), itemURL(i.Ref())+"/delete", itemURL(i.Ref()), true
		p.Fields = []Hidden{{"version", strconv.FormatInt(i.Version, 10)}}
		if k.Name == mainstay.Organization.Name {
			return s.organizationDeleteText(r, t, &p, i)
		}
		days, err := trashDays(r, t)
		if err != nil {
			return err
		}
		p.Button = "Delete 1 " + k.Label
		p.Text = []string{"It goes to Trash and can be restored until " + p.day(p.Now.Add(time.Duration(days)*24*time.Hour)) + ". Your PSA isn't changed."}
		if i.OnlyHere {
			p.Text = append(p.Text, "It exists only here: no PSA has a copy.")
		}
		return nil
	})
	return p, err
}

// organizationDeleteText explains that an organization is deleted by a plan.
func (s *Web) organizationDeleteText(r *http.Request, t *store.Tx, p *ConfirmPage, o mainstay.Item) error {
	in, err := t.CountIn(r.Context(), o.ID)
	if err != nil {
		return err
	}
	kinds := map[mainstay.KindName]int{}
	for k, states := range in {
		kinds[k] = sumStates(states)
	}
	n, text := kindsText(kinds)
	p.Button, p.Danger = "Plan the deletion", false
	p.Text = []string{"This makes a plan. You see everything that would be deleted before anything happens."}
	if n > 0 {
		p.Text = append(p.Text, "It holds "+text+".")
	}
	return nil
}

// trashDays is how long deleted items can be restored.
func trashDays(r *http.Request, t *store.Tx) (int, error) {
	v, err := t.Setting(r.Context(), change.SettingTrashDays, "30")
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		return 30, nil //nolint:nilerr // a setting that is damaged means the default
	}
	return n, nil
}

// deleteOne moves one item to Trash, or makes the plan that deletes an
// organization.
func (s *Web) deleteOne(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	p, err := s.deletePage(r, k)
	if err != nil {
		return err
	}
	if err := form(r); err != nil {
		return err
	}
	version, err := formNumber(r, "version")
	if err != nil {
		return err
	}
	ctx, a := r.Context(), auth.Actor(r.Context())
	id, err := mainstay.ParseItemID(r.PathValue("id"))
	if err != nil {
		return errMissing()
	}
	if k.Name == mainstay.Organization.Name {
		plan, err := s.Changes.ProposeDelete(ctx, a, change.Request{Kind: k, IDs: []mainstay.ItemID{id}, Seen: 1})
		if err != nil {
			return err
		}
		return redirect(w, r, planURL(plan.ID))
	}
	plan, err := s.Changes.DeleteNow(ctx, a, k, map[mainstay.ItemID]int64{id: version})
	if mainstay.KindOf(err) == mainstay.Conflict {
		p.Error = mainstay.SafeMessage(err)
		return s.write(w, r, http.StatusConflict, confirmView(p))
	}
	if err != nil {
		return err
	}
	withFlash(w, flash{Code: flashDeleted, Kind: k.Name, N: 1, ID: int64(plan.ID)})
	return redirect(w, r, "/"+k.Plural)
}
