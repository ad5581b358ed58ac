package web_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"mainstay"
	"mainstay/internal/store"
)

// TestJobPill: once the job of the pill has ended, pages about what runs load
// anew, and pages with something to type into don't. Work under way is never at 100 %.
func TestJobPill(t *testing.T) {
	offices(t, func(o *office) {
		b := o.hire("ann@example.com", mainstay.Administrator)
		i := b.connected()
		ask := func(page string) *answer {
			r := httptest.NewRequestWithContext(o.Context(), http.MethodGet, "/jobs/pill?of="+path(i, "/log/1"), nil)
			r.Header.Set("HX-Request-Type", "partial")
			r.Header.Set("HX-Current-URL", "https://mainstay.example"+page)
			return b.send(r).wants(http.StatusOK)
		}
		o.must(o.store.Write(o.Context(), func(t *store.Tx) error {
			_, err := t.Exec(o.Context(), `UPDATE run SET expected = 500, counts = '{"seen":500}'`)
			return err
		}))
		b.get("/").wants(http.StatusOK).says("Syncing ConnectWise PSA", "99%").hides("100%").links(path(i, "/log/1"))
		if a := ask("/"); a.Header().Get("HX-Refresh") != "" {
			o.Error("a job under way asks for a new page")
		}
		o.work()
		for at, want := range map[string]string{"/": "true", "/?x=1": "true", "/jobs": "true", path(i, "/sync-settings"): "", "/contacts/new": ""} {
			if got := ask(at).Header().Get("HX-Refresh"); got != want {
				o.Errorf("on %s the pill answers HX-Refresh %q", at, got)
			}
		}
	})
}
