package server_test

import (
	"context"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/bundle"
	"mainstay/internal/change"
	"mainstay/internal/connect/all"
	"mainstay/internal/db"
	"mainstay/internal/reconcile"
	"mainstay/internal/server"
	"mainstay/internal/web"
)

// withPages makes a site that serves the real pages.
func withPages(t *testing.T, d *db.DB) *site {
	t.Helper()
	s := newSite(t, d, nil, nil)
	seal := func(plain []byte, _ string) ([]byte, error) { return plain, nil }
	backups := &bundle.Backups{Store: s.store, Jobs: s.config.Jobs, Dir: t.TempDir(), Log: s.config.Log}
	changes := change.New(change.Config{Store: s.store, Jobs: s.config.Jobs, Pause: time.Minute, Backup: backups.Take, Seal: seal, Log: s.config.Log})
	// Nothing can be connected with these secrets, so no request leaves the machine.
	none := func([]byte, string) ([]byte, error) { return []byte("{}"), nil }
	engine := reconcile.New(reconcile.Config{Store: s.store, Changes: changes, Connectors: all.Connectors(), Open: none, Log: s.config.Log})
	s.changes = changes
	pages := &web.Web{Store: s.store, Changes: changes, Jobs: s.config.Jobs, Engine: engine, Backups: backups,
		Sessions: s.config.Sessions, Setup: s.config.Setup, People: s.people, Log: s.config.Log}
	s.config.Routes, s.config.RenderError = pages.Routes(), pages.RenderError
	var err error
	if s.server, err = server.New(s.config); err != nil {
		t.Fatal(err)
	}
	return s
}

// organization makes an organization with one item of each other kind in it and
// returns the ids by kind.
func (s *site) organization(ctx context.Context, name string) map[mainstay.KindName]mainstay.ItemID {
	s.t.Helper()
	ids := map[mainstay.KindName]mainstay.ItemID{}
	for _, k := range mainstay.Kinds() {
		i := mainstay.Item{Kind: k.Name, OrganizationID: ids[mainstay.Organization.Name], Name: name + " " + k.Label, Values: mainstay.Values{}}
		if k.Name == mainstay.Contact.Name {
			i.Values.SetText("first_name", name)
		}
		made, err := s.changes.Create(ctx, mainstay.System("test"), i)
		if err != nil {
			s.t.Fatal(err)
		}
		ids[k.Name] = made.ID
	}
	return ids
}
