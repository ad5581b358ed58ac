package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"mainstay"
)

func TestMergePage(t *testing.T) {
	offices(t, func(o *office) {
		ann := o.hire("ann@example.com", mainstay.Manager)
		a := o.organizationNamed("Harbor Dental", "phone", "1", "quick_notes", "Ring twice")
		b := o.organizationNamed("Harbor Dental, Inc.", "phone", "2", "quick_notes", "Dog")
		path := organizationPath(a, "") + "/merge"
		ann.get(path).wants(http.StatusOK).says("Merge Harbor Dental", "Choose the organization that stays")
		ann.get(path + "?find=Harbor").wants(http.StatusOK).says("Harbor Dental, Inc.")
		ann.get(path + "?find=Nobody").wants(http.StatusOK).says("No other organization that you can open matches.")
		with := path + "?with=" + idText(b)
		ann.get(with).wants(http.StatusOK).says("Merge Harbor Dental into Harbor Dental, Inc.", "Swap the two", "Phone", "Keep both", "Neither of the two is linked", "Nobody: the same people")
		ann.get(path + "?with=999999").wants(http.StatusNotFound)
		ann.get(path + "?with=x").wants(http.StatusNotFound)
		ann.get(path + "?with=" + idText(a)).wants(http.StatusOK).says("this is the same one twice")
		ann.post(with, url.Values{"f.phone": {"both"}}).wants(http.StatusUnprocessableEntity).says("Only texts of several lines can keep both")
		ann.post(with, url.Values{"f.phone": {"source"}, "f.quick_notes": {"both"}}).wants(http.StatusSeeOther)
		ann.get("/changes/1").wants(http.StatusOK).says("Merge Harbor Dental into Harbor Dental, Inc.")
	})
}
