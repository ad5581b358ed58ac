package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// recordRows is how many records the page for a match lists.
const recordRows = 25

// matchItem lists the records that an item may be linked with.
func (s *Web) matchItem(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	p := ItemMatchPage{Kind: k, Words: strings.TrimSpace(r.URL.Query().Get("q"))}
	p.Own = p.Words == ""
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		if p.Item, err = itemAt(r, t, k); err != nil {
			return err
		}
		if p.Page, err = s.page(r, t, Page{Title: "Match " + itemName(p.Item), Active: k.Plural, Crumbs: stepCrumbs(k, p.Item, "Match to a record")}); err != nil {
			return err
		}
		return s.fillRecords(r.Context(), t, &p)
	})
	if err != nil {
		return err
	}
	return s.show(w, r, itemMatchView(p), nil)
}

func (s *Web) fillRecords(ctx context.Context, t *store.Tx, p *ItemMatchPage) error {
	found, matchable, err := proposals(ctx, t, p.Actor, p.Item, p.Words)
	if err != nil {
		return err
	}
	if p.Many = len(found) > recordRows; p.Many {
		found = found[:recordRows]
	}
	switch {
	case !matchable:
		p.Empty = &Empty{Icon: "building", Title: "Its organization is linked with no company.", Text: "The records of a PSA lie in its companies, so match the organization first.",
			Links: []Link{{"Open the organization", organizationURL(p.Item.OrganizationID)}}}
		return nil
	case len(found) == 0 && p.Own:
		p.Empty = &Empty{Icon: "search", Title: "No record is free to be matched.", Text: "Search for a name to see what has its record. Records appear here once a full sync has read them, also those that don't sync."}
		return nil
	case len(found) == 0:
		p.Empty = &Empty{Icon: "zoom-exclamation", Title: "No record has this name or id.", Text: "Records appear here once a full sync has read them, also those that don't sync.",
			Links: []Link{{"Show all records", p.action()}}}
		return nil
	}
	labels, err := t.Labels(ctx)
	if err != nil {
		return err
	}
	all, err := t.Integrations(ctx)
	if err != nil {
		return err
	}
	for _, f := range found {
		p.Rows = append(p.Rows, s.recordRow(p, f, all, labels))
	}
	return nil
}

// proposals finds records for an item: those that somebody searches for, or else
// those called like it, then those that share its first word, then any that is
// free. The ones come first that it was linked with, and last those that can't be
// linked. More than are listed may be returned.
func proposals(ctx context.Context, t *store.Tx, a mainstay.Actor, i mainstay.Item, words string) (out []change.Fit, matchable bool, err error) {
	tries := []string{words}
	if words == "" {
		first, _, _ := strings.Cut(i.Name, " ")
		tries = slices.Compact([]string{i.Name, first, ""})
	}
	type key struct {
		integration mainstay.IntegrationID
		record      string
	}
	seen := map[key]bool{}
	for _, try := range tries {
		found, ok, err := change.Candidates(ctx, t, a, i, try, recordRows+1)
		if err != nil || !ok {
			return nil, ok, err
		}
		for _, f := range found {
			k := key{f.Record.IntegrationID, f.Record.ExternalID}
			if !seen[k] && (f.Why == "" || try != "" || words != "") {
				seen[k] = true
				out = append(out, f)
			}
		}
	}
	rank := func(f change.Fit) int {
		switch {
		case f.Ended != nil && f.Ended.ItemID == i.ID && f.Why == "":
			return 0
		case f.Why == "":
			return 1
		}
		return 2
	}
	slices.SortStableFunc(out, func(a, b change.Fit) int { return rank(a) - rank(b) })
	return out, true, nil
}

func (s *Web) recordRow(p *ItemMatchPage, f change.Fit, all []mainstay.Integration, labels []mainstay.Label) RecordRow {
	rec := f.Record
	row := RecordRow{Name: recordName(rec), Record: capital(p.Kind.Label) + " " + rec.ExternalID, Why: f.Why,
		Labels: join(externalNames(labels, rec, mainstay.TypeAxis, rec.TypeIDs), externalNames(labels, rec, mainstay.StatusAxis, []string{rec.StatusID}))}
	for _, i := range all {
		if i.ID == rec.IntegrationID {
			row.PSA = i.Name
			if s.Engine != nil {
				row.RecordURL = safeURL(s.Engine.RecordURL(i, rec.Kind, rec.ExternalID))
			}
		}
	}
	switch {
	case f.Why != "":
		if f.Holder != nil && !rec.Trashed {
			row.Holder = Link{"Open " + itemName(*f.Holder), itemURL(f.Holder.Ref())}
		}
		return row
	case f.Waits != nil:
		row.Hint = "It waits for " + itemName(*f.Waits) + ", which was disconnected."
	case f.Ended != nil && f.Ended.ItemID == p.Item.ID:
		row.Hint = "This " + p.Kind.Label + " was linked with it before."
	}
	row.MatchURL = previewURL(p.Item.Ref(), rec.IntegrationID, rec.ExternalID)
	return row
}

// previewURL is the page that compares an item with a record.
func previewURL(ref mainstay.Ref, integration mainstay.IntegrationID, record string) string {
	return itemURL(ref) + "/match/preview?" + url.Values{"integration": {strconv.FormatInt(int64(integration), 10)}, "record": {record}}.Encode()
}

func recordName(r store.Record) string {
	if r.Name == "" {
		return "(no name)"
	}
	return r.Name
}

// previewMatch asks the PSA for a record and shows what linking would change.
func (s *Web) previewMatch(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	in := r.URL.Query()
	id, err := strconv.ParseInt(in.Get("integration"), 10, 64)
	if err != nil {
		return errMissing()
	}
	p, err := s.matchPreviewPage(r, k, mainstay.IntegrationID(id), in.Get("record"))
	if err != nil {
		return err
	}
	return s.show(w, r, itemMatchPreview(p), nil)
}

func (s *Web) matchPreviewPage(r *http.Request, k *mainstay.Kind, integration mainstay.IntegrationID, record string) (ItemMatchPreview, error) {
	ctx := r.Context()
	p := ItemMatchPreview{Kind: k, From: integration, ID: record}
	i, err := s.visibleItem(r, k)
	if err != nil {
		return p, err
	}
	pre, trouble, err := s.Engine.PreviewMatch(ctx, auth.Actor(ctx), change.Match{Item: i.Ref(), Version: i.Version, Integration: integration, Record: record})
	if err != nil {
		return p, err
	}
	p.Item, p.PSA, p.Name, p.Out = pre.Item, pre.Integration.Name, recordName(pre.Fit.Record), pre.Out
	p.RecordURL = safeURL(s.Engine.RecordURL(pre.Integration, k.Name, record))
	p.Back, p.Note = itemURL(i.Ref())+"/match", knownNote(pre, trouble)
	if f := pre.Fit.Waits; f != nil {
		p.Waits = Link{itemName(*f), itemURL(f.Ref())}
	}
	err = s.Store.Read(ctx, func(t *store.Tx) error {
		labels, err := t.Labels(ctx)
		if err != nil {
			return err
		}
		e := mainstay.Activity{Kind: k.Name, Changes: pre.Overwrites}
		words, err := changeWordsOf(ctx, t, auth.Actor(ctx), []mainstay.Activity{e}, labels)
		if err != nil {
			return err
		}
		p.Changes = words.rows(e)
		p.Page, err = s.page(r, t, Page{Title: p.heading(), Active: k.Plural, Crumbs: append(stepCrumbs(k, i, "Match to a record")[:2], Crumb{"Match to a record", p.Back}, Crumb{Label: p.Name})})
		return err
	})
	return p, err
}

// knownNote says where the values of a preview are from.
func knownNote(pre change.MatchPreview, trouble error) Note {
	psa := pre.Integration.Name
	switch {
	case pre.Known == change.KnownNow:
		return Note{Tone: "info", Text: "Compared with what " + psa + " says right now. You can undo the match, and get back the fields that it replaces."}
	case pre.Known == change.KnownSeen:
		return Note{Tone: "amber", Text: mainstay.SafeMessage(trouble) + " Compared with what the last sync saw. You can undo the match, and get back the fields that it replaces."}
	}
	return Note{Tone: "amber", Text: mainstay.SafeMessage(trouble) + " So it isn't known which fields would change. You can undo the match, and get back the fields that it replaces."}
}

// matchOne links an item with a record at once.
func (s *Web) matchOne(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	if err := form(r); err != nil {
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
	integration, err := formNumber(r, "integration")
	if err != nil {
		return err
	}
	m := change.Match{Item: i.Ref(), Version: version, Integration: mainstay.IntegrationID(integration), Record: r.PostForm.Get("record"), Instead: r.PostForm.Get("instead") != ""}
	plan, err := s.Changes.MatchRecord(r.Context(), auth.Actor(r.Context()), m)
	if kind := mainstay.KindOf(err); kind == mainstay.Conflict || kind == mainstay.Held {
		p, again := s.matchPreviewPage(r, k, m.Integration, m.Record)
		if again != nil {
			return err
		}
		p.Error = mainstay.SafeMessage(err)
		return s.write(w, r, auth.Status(err), itemMatchPreview(p))
	}
	if err != nil {
		return err
	}
	withFlash(w, flash{Code: flashMatched, Kind: k.Name, N: int(i.ID), ID: int64(plan.ID)})
	return redirect(w, r, itemURL(i.Ref()))
}
