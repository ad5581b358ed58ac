package web

import (
	"context"
	"net/http"
	"strings"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/store"
)

// The records that a person opened last are kept in the browser, as typed ids
// joined by dots; names and rights are looked up each time.
const (
	cookieRecent  = "recent"
	recentKept    = 8
	recentSeconds = 90 * 24 * 60 * 60
)

// recentRefs reads the records that this browser opened last, latest first.
func recentRefs(r *http.Request) []mainstay.Ref {
	c, err := r.Cookie(cookieRecent)
	if err != nil {
		return nil
	}
	var out []mainstay.Ref
	for _, part := range strings.Split(c.Value, ".") {
		if ref, err := mainstay.ParseRef(part); err == nil && len(out) < recentKept {
			out = append(out, ref)
		}
	}
	return out
}

// remember puts a record in front of those that were opened last.
func remember(w http.ResponseWriter, r *http.Request, ref mainstay.Ref) {
	parts := []string{ref.String()}
	for _, old := range recentRefs(r) {
		if old != ref && len(parts) < recentKept {
			parts = append(parts, old.String())
		}
	}
	http.SetCookie(w, &http.Cookie{Name: cookieRecent, Value: strings.Join(parts, "."), Path: "/", MaxAge: recentSeconds, HttpOnly: true, SameSite: http.SameSiteLaxMode}) //nolint:gosec // holds no secret, and works without TLS too
}

// recentResults are the records that this browser opened last and that are still
// there for this person.
func recentResults(ctx context.Context, t *store.Tx, r *http.Request) ([]SearchResult, error) {
	known, err := t.Known(ctx, auth.Actor(ctx), recentRefs(r))
	var out []SearchResult
	for _, n := range known {
		out = append(out, foundResult(n.Ref, n.Name, n.Sync, ""))
	}
	return out, err
}

// foundResult is one record as a result of a search.
func foundResult(ref mainstay.Ref, name string, sync mainstay.SyncState, detail string) SearchResult {
	k, err := mainstay.KindNamed(string(ref.Kind))
	if err != nil {
		return SearchResult{}
	}
	if name == "" {
		name = "(no name)"
	}
	if !k.Syncs {
		sync = ""
	}
	return SearchResult{Icon: k.Icon, Label: name, Detail: detail, URL: itemURL(ref), Sync: sync}
}
