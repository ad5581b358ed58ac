package web

import (
	"mainstay"
	"mainstay/internal/store"
)

// planOrigin is the page that a plan was made on.
func planOrigin(p mainstay.Plan) string {
	k, err := mainstay.KindNamed(string(p.Kind))
	switch in := integrationURL(p.Params.Integration); {
	case p.Params.Remove:
		return in
	case p.Params.Class != nil && err == nil:
		url := in + "/manage-data?kind=" + k.Plural
		if p.Params.Class.Axis == mainstay.StatusAxis {
			url += "&group=" + string(mainstay.StatusAxis)
		}
		return url
	case p.Action == mainstay.ActionReconnect && err == nil:
		return matchURL(p.Params.Integration, k)
	case err != nil || p.Action.FromTrash():
		return "/trash"
	}
	return listSpec{Base: "/" + k.Plural}.url(p.Query, store.ByName, "")
}

// planAbout names what a plan is about beside its items: "Vendor of ConnectWise
// PSA", "all of ConnectWise PSA"; empty where the items say it.
func planAbout(p mainstay.Plan) string {
	switch {
	case p.Params.Remove:
		return "all of " + p.Params.PSA
	case p.Params.Class != nil:
		return p.Params.Class.Name + " of " + p.Params.PSA
	}
	return ""
}
