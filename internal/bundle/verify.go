package bundle

// Verify reads a bundle back to its last byte and compares every count and every
// hash with the manifest. The error names the file, and where it can the row,
// that is damaged.
func Verify(path string, o Options) (Manifest, error) {
	r, err := open(path, o)
	if err != nil {
		return Manifest{}, err
	}
	defer r.Close() //nolint:errcheck // nothing was written
	return r.manifest, r.verify()
}

func (r *reader) verify() error {
	done := 0
	for i := range r.files {
		r.options.tell("verify", r.manifest.Files[i].Name, done)
		err := r.rows(i, func(row int, line []byte) error {
			if done++; done%told == 0 {
				r.options.tell("verify", r.manifest.Files[i].Name, done)
			}
			_, err := r.parse(i, row, line)
			return err
		})
		if err != nil {
			return err
		}
	}
	if !r.whole {
		return damaged(nil, "bytes between its files are not what was written")
	}
	return nil
}
