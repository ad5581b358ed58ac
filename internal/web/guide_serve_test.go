package web_test

import (
	"net/http"
	"testing"

	"mainstay"
)

// Everybody who is signed in reads the guides; what is no guide is said to be none.
func TestGuides(t *testing.T) {
	offices(t, func(o *office) {
		gus := o.hire("gus@example.com", mainstay.Lite)
		gus.get("/help").wants(http.StatusOK).says("Delete all orphans").says("Merge two organizations")
		gus.get("/help/disconnect").wants(http.StatusOK).says("Pause syncing and keep all data").says("Picture:").hides("](").hides(".md")
		gus.get("/help/nothing").wants(http.StatusNotFound).says("There is no such guide")
		gus.get("/help/pictures/merge.png").wants(http.StatusOK)
		gus.get("/help/pictures/nothing.png").wants(http.StatusNotFound)
		gus.get("/help/pictures/..%2fguide.go").wants(http.StatusNotFound)
	})
}
