package change

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"

	"mainstay"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
)

// Page is one page of a run, to be taken over in one transaction.
type Page struct {
	Run      mainstay.Run // as it stands before the page
	Previous *mainstay.Settings
	Cursor   string // where the run goes on after the page
	Kind     *mainstay.Kind
	Records  []mainstay.Observation
	Labels   *Labels
	// Confirmed is the version of the settings whose effect a person agreed to.
	Confirmed int64
	// Who is the name of the integration, for the activity log.
	Who string
}

// ErrCancelled says that a person asked the run to stop.
var ErrCancelled = mainstay.Errorf(mainstay.Conflict, "The sync was cancelled. What it updated stays.")

// ApplyPage takes a page over: creates, links, updates and heals items, notes
// what was seen, and collects candidates for orphaning. Effects, activity and
// cursor commit together, and applying a page twice changes nothing (V8, V11).
// It never orphans and never deletes (V5).
func (c *Changes) ApplyPage(ctx context.Context, j jobs.Job, p Page) (mainstay.Run, error) {
	for try := 1; ; try++ {
		run, err := c.applyPage(ctx, j, p)
		again := mainstay.KindOf(err) == mainstay.Conflict && !errors.Is(err, ErrCancelled) && !errors.Is(err, jobs.ErrTakenOver)
		if !again || try == pageTries {
			return run, err
		}
	}
}

// pageTries is how often a page is taken over anew because a person saved one of
// its items at the same moment (hazard 48).
const pageTries = 5

func (c *Changes) applyPage(ctx context.Context, j jobs.Job, p Page) (mainstay.Run, error) {
	run := p.Run
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		if err := j.Hold(ctx, t.Tx); err != nil {
			return err
		}
		if err := wanted(ctx, t, p.Run.ID); err != nil {
			return err
		}
		w := newPageWork(t, p)
		if err := w.load(ctx); err != nil {
			return err
		}
		for n := range w.observed {
			w.decide(&w.observed[n])
		}
		if err := w.store(ctx); err != nil {
			return err
		}
		run = w.run
		return t.SaveRun(ctx, run, j.Lease, p.Cursor)
	})
	return run, err
}

// pageWork is what one page does.
type pageWork struct {
	t   *store.Tx
	p   Page
	run mainstay.Run

	observed  []mainstay.Observation
	known     map[string]store.Record
	companies map[string]store.Record                       // by the PSA's id; ItemID is the organization that holds their contents here
	waiting   map[string]bool                               // companies that would sync and wait to be matched again
	targets   map[mainstay.KindName]map[string]store.Record // of references

	touched    []string
	records    []store.Record
	update     []linked // known links whose record or state changed
	fresh      []linked // records in scope without an item
	candidates []mainstay.Candidate
	problems   []mainstay.RunProblem
	broken     []mainstay.ItemID // linked items whose record can't be read
	brokenWhy  map[mainstay.ItemID]string
	activity   []mainstay.Activity
}

// linked is an observation with what is to be stored of its record.
type linked struct {
	obs *mainstay.Observation
	rec store.Record
}

func newPageWork(t *store.Tx, p Page) *pageWork {
	w := &pageWork{t: t, p: p, run: p.Run, brokenWhy: map[mainstay.ItemID]string{}}
	at := map[string]int{}
	for _, o := range p.Records {
		if n, twice := at[o.ExternalID]; twice {
			w.observed[n] = o
			continue
		}
		at[o.ExternalID] = len(w.observed)
		w.observed = append(w.observed, o)
	}
	w.run.Counts.Pages++
	w.run.Counts.Seen += len(w.observed)
	return w
}

func (w *pageWork) load(ctx context.Context) error {
	ids := make([]string, 0, len(w.observed))
	companies := map[string]bool{}
	refs := map[mainstay.KindName]map[string]bool{}
	for _, o := range w.observed {
		ids = append(ids, o.ExternalID)
		if w.p.Kind.Name != mainstay.Organization.Name {
			companies[o.CompanyID] = true
		}
		for _, f := range w.p.Kind.Fields {
			if id := o.Values.Text(f.Name); f.Type == mainstay.RefTo && id != "" {
				if refs[f.RefKind] == nil {
					refs[f.RefKind] = map[string]bool{}
				}
				refs[f.RefKind][id] = true
			}
		}
	}
	var err error
	integration := w.run.IntegrationID
	if w.known, err = w.t.Records(ctx, integration, w.p.Kind.Name, ids); err != nil {
		return err
	}
	if w.companies, err = w.t.Links(ctx, integration, mainstay.Organization.Name, keys(companies)); err != nil {
		return err
	}
	if err := w.loadAliases(ctx); err != nil {
		return err
	}
	if err := w.loadWaiting(ctx); err != nil {
		return err
	}
	w.targets = map[mainstay.KindName]map[string]store.Record{}
	for kind, set := range refs {
		if w.targets[kind], err = w.t.Links(ctx, integration, kind, keys(set)); err != nil {
			return err
		}
		if err := w.loadEnded(ctx, kind); err != nil {
			return err
		}
	}
	return nil
}

func keys(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// noCompany is what is said of a linked record that suddenly names no company. It
// may be an answer with a field missing, so nothing is orphaned for it.
const noCompany = "The PSA no longer says which company this record belongs to, so its item was left as it is. Set the company there, or delete the record there if it isn't needed."

// decide sorts one observation into what is to be done with it.
func (w *pageWork) decide(o *mainstay.Observation) {
	old, known := w.known[o.ExternalID]
	if o.Bad == "" && o.CompanyID == "" && w.p.Kind.Name != mainstay.Organization.Name && old.ItemID != 0 && !old.Trashed {
		o.Bad = noCompany
	}
	if o.Bad != "" {
		w.bad(o, old, known)
		return
	}
	in, reason := w.scope(o)
	rec := w.record(o, old)
	same := known && old.Hash == rec.Hash && old.InScope == in && slices.Equal(old.TypeIDs, rec.TypeIDs) && old.StatusID == rec.StatusID &&
		old.CompanyID == rec.CompanyID && old.Inactive == rec.Inactive && old.Name == rec.Name
	switch {
	case old.Trashed:
		// What the item holds stays as it is, so after a restore the next sync
		// brings it up to date, or finds that its record doesn't sync any more.
		w.run.Counts.InTrash++
		rec.InScope, rec.Hash = old.InScope, old.Hash
		w.keep(rec, old, same)
	case !in && old.ItemID == 0:
		w.run.Counts.OutOfScope++
		if reason == mainstay.ReasonParent && w.waitsInside(o) {
			w.run.Counts.OutWaiting++
		} else {
			w.run.Counts.OutNew++
		}
		rec.InScope = false
		if old.Hash == store.HashAnew {
			rec.Hash = old.Hash
		}
		w.keep(rec, old, same)
	case !in:
		w.run.Counts.OutOfScope++
		w.run.Counts.OutLinked++
		rec.InScope, rec.Hash = old.InScope, old.Hash
		if old.InScope {
			w.candidates = append(w.candidates, mainstay.Candidate{ItemID: old.ItemID, Kind: o.Kind, ExternalID: o.ExternalID,
				Reason: reason, Expected: w.expected(o, reason), Evidence: w.evidence(o, reason)})
		}
		w.keep(rec, old, same)
	case same && old.ItemID != 0:
		w.run.Counts.Unchanged++
		w.touched = append(w.touched, o.ExternalID)
	case old.ItemID != 0:
		rec.InScope = true
		w.update = append(w.update, linked{o, rec})
	default:
		rec.InScope = true
		w.fresh = append(w.fresh, linked{o, rec})
	}
}

// keep stores what was seen of a record, or only that it was seen.
func (w *pageWork) keep(rec, old store.Record, same bool) {
	if same {
		w.touched = append(w.touched, rec.ExternalID)
		return
	}
	rec.ItemID, rec.Trashed, rec.Linked = old.ItemID, old.Trashed, old.Linked
	w.records = append(w.records, rec)
}

func (w *pageWork) record(o *mainstay.Observation, old store.Record) store.Record {
	company := o.CompanyID
	if o.Kind == mainstay.Organization.Name {
		company = o.ParentID
	}
	return store.Record{IntegrationID: w.run.IntegrationID, Kind: o.Kind, ExternalID: o.ExternalID, ItemID: old.ItemID, Trashed: old.Trashed,
		Name: o.Name, TypeIDs: o.TypeIDs, StatusID: o.StatusID, CompanyID: company, Inactive: o.Inactive || o.Deleted,
		Hash: w.hash(o), RunID: w.run.ID, Linked: old.Linked}
}

// hash fingerprints what an item takes from a record, references as our ids, and
// which of its types the settings let it show.
func (w *pageWork) hash(o *mainstay.Observation) string {
	b, err := json.Marshal([]any{o.Name, w.shownFirst(o), o.StatusID, int64(w.companies[o.CompanyID].ItemID), o.Primary, w.values(o)})
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12])
}

// values are the fields of a record with references turned into ids of items.
func (w *pageWork) values(o *mainstay.Observation) mainstay.Values {
	out := o.Values
	cloned := false
	for _, f := range w.p.Kind.Fields {
		id := o.Values.Text(f.Name)
		if f.Type != mainstay.RefTo || id == "" {
			continue
		}
		if !cloned {
			out, cloned = o.Values.Clone(), true
		}
		target := w.targets[f.RefKind][id]
		if target.ItemID == 0 || target.Trashed {
			delete(out, f.Name)
			continue
		}
		out.SetText(f.Name, number(int64(target.ItemID)))
	}
	return out
}

// bad notes a record that can't be read: it counts as seen, changes nothing,
// and is reported with what to do (V22).
func (w *pageWork) bad(o *mainstay.Observation, old store.Record, known bool) {
	w.run.Counts.Errors++
	w.problems = append(w.problems, mainstay.RunProblem{RunID: w.run.ID, Kind: o.Kind, ExternalID: o.ExternalID, ItemID: old.ItemID, Name: o.Name, Message: o.Bad})
	if known {
		// Without its hash the record is taken over anew once it can be read again.
		if old.RunID = w.run.ID; old.Hash != store.HashAnew {
			old.Hash = ""
		}
		w.records = append(w.records, old)
	} else {
		w.records = append(w.records, store.Record{IntegrationID: w.run.IntegrationID, Kind: o.Kind, ExternalID: o.ExternalID, Name: o.Name, RunID: w.run.ID})
	}
	if old.ItemID != 0 && !old.Trashed {
		w.broken = append(w.broken, old.ItemID)
		w.brokenWhy[old.ItemID] = o.Bad
	}
}
