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
