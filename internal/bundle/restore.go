package bundle

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"mainstay"
	"mainstay/internal/store"
)

// Restored is what a restore did.
type Restored struct {
	Manifest Manifest
	store.Quarantined
	Instance string // the new id of the installation
}

// MissingKeys returns the ids of the keys that the restored secrets need and
// that a key ring with the given ids lacks. Without them the secrets don't open,
// and the integrations must be signed in anew.
func (r Restored) MissingKeys(have []uint32) []uint32 {
	var out []uint32
	for _, id := range r.Manifest.Keys {
		if !slices.Contains(have, id) {
			out = append(out, id)
		}
	}
	return out
}

// Unfinished gives an error where a restore into this installation did not
// finish. A server refuses to start on it.
func Unfinished(ctx context.Context, s *store.Store) error {
	return s.Read(ctx, func(t *store.Tx) error {
		from, err := t.UnfinishedRestore(ctx)
		if err == nil && from != "" {
			return mainstay.Errorf(mainstay.Conflict, "A restore from %s into this installation did not finish, so it is empty. Run the restore again.", from)
		}
		return err
	})
}

// Restore fills an empty, migrated installation from a bundle, on either
// database whichever one it came from.
//
// The bundle is verified first. Then everything happens in one transaction:
// the rows are stored, read back and compared with the manifest, and put into
// quarantine (see store.Tx.Quarantine), with a new instance id and one entry in
// the activity log. A restore that is killed leaves an empty installation that
// says so (see Unfinished) and takes the restore again.
//
// Afterwards the contents equal those of the manifest but for the files that
// Changed names.
func Restore(ctx context.Context, path string, s *store.Store, o Options) (Restored, error) {
	r, err := open(path, o)
	if err != nil {
		return Restored{}, err
	}
	defer r.Close() //nolint:errcheck // nothing was written
	if err := r.verify(); err != nil {
		return Restored{}, err
	}
	out := Restored{Manifest: r.manifest, Instance: o.Instance}
	if out.Instance == "" {
		out.Instance = rand.Text()
	}
	err = s.Write(ctx, func(t *store.Tx) error {
		if err := refuseUsed(ctx, t); err != nil {
			return err
		}
		return t.BeginRestore(ctx, path)
	})
	if err != nil {
		return Restored{}, err
	}
	o.tell("begin", "", 0)
	err = s.Write(ctx, func(t *store.Tx) error { return r.restore(ctx, t, &out) })
	if err != nil {
		// What was stored is gone with the transaction, and the mark would only
		// send people after a file that can't be restored.
		calm := context.WithoutCancel(ctx)
		return Restored{}, errors.Join(err, s.Write(calm, func(t *store.Tx) error { return t.EndRestore(calm) }))
	}
	return out, nil
}

// Changed names the files whose contents a restore changes: by the quarantine,
// the new instance id, and the entry in the activity log.
func Changed() []string {
	return append(store.QuarantinedFiles(), "settings", "activity", "sequences")
}

func refuseUsed(ctx context.Context, t *store.Tx) error {
	used, err := t.FirstUsedTable(ctx)
	if err == nil && used != "" {
		return mainstay.Errorf(mainstay.Conflict, "This installation isn't empty: it holds %s. Nothing was changed. Restore into a new, empty one.", used)
	}
	return err
}

// restore does all of it in the transaction t.
func (r *reader) restore(ctx context.Context, t *store.Tx, out *Restored) error {
	if err := refuseUsed(ctx, t); err != nil {
		return err
	}
	if err := t.ClearSettings(ctx); err != nil {
		return err
	}
	done := 0
	for i := range r.files {
		if err := r.insert(ctx, t, i, &done); err != nil {
			return err
		}
	}
	if err := t.RecountTallies(ctx); err != nil {
		return err
	}
	if err := r.compare(ctx, t); err != nil {
		return err
	}
	r.options.tell("quarantine", "", done)
	var err error
	if out.Quarantined, err = t.Quarantine(ctx); err != nil {
		return err
	}
	if err := t.SetSetting(ctx, SettingInstance, out.Instance); err != nil {
		return err
	}
	a := r.options.Actor
	err = t.InsertActivity(ctx, []mainstay.Activity{{At: t.Now(), UserID: a.UserID, Who: a.Name, Address: a.Address, Verb: "restored", Name: "Account",
		Detail: "This installation was restored from a backup of " + r.manifest.Created.Std().Format("2006-01-02 15:04:05") + " UTC. Integrations are paused until a person resumes them."}})
	if err != nil {
		return err
	}
	r.options.tell("commit", "", done)
	return t.EndRestore(ctx)
}

// The rows that are stored at once.
const (
	batchRows  = 1000
	batchBytes = 4 << 20
)

// insert stores the rows of the i-th file in batches.
func (r *reader) insert(ctx context.Context, t *store.Tx, i int, done *int) error {
	name := r.manifest.Files[i].Name
	r.options.tell("insert", name, *done)
	var batch []store.BundleRow
	size, first := 0, 1
	flush := func() error {
		bad, err := t.InsertBundleRows(ctx, r.files[i], batch)
		switch {
		case err == nil:
		case bad >= 0:
			return mainstay.Wrap(mainstay.Invalid, err, "Row %d of %s can't be stored in %s: %s. Nothing was restored.", first+bad, name, databaseName(t.Dialect()), err)
		default:
			return fmt.Errorf("store rows %d to %d of %s: %w", first, first+len(batch)-1, name, err)
		}
		*done += len(batch)
		first += len(batch)
		batch, size = batch[:0], 0
		r.options.tell("insert", name, *done)
		return nil
	}
	err := r.rows(i, func(row int, line []byte) error {
		parsed, err := r.parse(i, row, line)
		if err != nil {
			return err
		}
		batch = append(batch, parsed)
		if size += len(line); len(batch) < batchRows && size < batchBytes {
			return nil
		}
		return flush()
	})
	if err == nil && len(batch) > 0 {
		err = flush()
	}
	return err
}

// compare reads everything back that was stored.
func (r *reader) compare(ctx context.Context, t *store.Tx) error {
	r.options.tell("compare", "", 0)
	got, err := t.ContentsOf(ctx, r.files)
	if err != nil {
		return err
	}
	for name, want := range r.manifest.Contents() {
		if got[name] != want {
			return mainstay.Wrap(mainstay.Internal, fmt.Errorf("bundle: %s holds %d rows with hash %s, want %d with %s", name, got[name].Rows, got[name].Hash, want.Rows, want.Hash),
				"The restored %s differ from the backup. Nothing was restored.", name)
		}
	}
	return nil
}
