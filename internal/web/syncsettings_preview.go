package web

import (
	"net/http"
	"slices"
	"strings"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
)

// preview turns the effect of the settings into what the page says: what saving
// would change, or where nothing differs, what is saved and waits for a sync.
func (f *settingsForm) preview(e change.Effect) SettingsPreview {
	v := SettingsPreview{Changed: f.changed(), NextFull: f.i.NextFull}
	for n, k := range tabKinds(f.tab) {
		if n > 0 {
			v.Noun += " and "
		}
		v.Noun += k.Plural
		v.Keep += f.states[k.Name] - e.Orphan[k.Name]
		v.Orphan += e.Orphan[k.Name]
		v.Start += e.Start[k.Name]
	}
	waits, waiting := waitingNote(f.i.ID, e.Waiting)
	if v.Changed == 0 {
		if v.Pending = pendingText(e, f.waiting, f.looked); v.Pending != "" && !f.looked {
			v.Keep += v.Start
		}
		if waiting {
			v.Notes = append(v.Notes, waits)
		}
		return v
	}
	v.Keep += v.Start
	if f.tab == tabOrganizations || f.tab == tabConfigurations {
		several := e.Several[tabKinds(f.tab)[0].Name]
		v.Several = slices.ContainsFunc(f.changedPairs(), func(p mainstay.Pair) bool { return several[p] })
	}
	for _, k := range mainstay.Kinds() {
		if start, orphan := e.Start[k.Name], e.Orphan[k.Name]; start+orphan > 0 {
			v.Kinds = append(v.Kinds, PreviewKind{Kind: k, Start: start, Orphan: orphan})
		}
	}
	if e.OnlyHereItems > 0 {
		hold := " hold "
		if e.OnlyHereOrganizations == 1 {
			hold = " holds "
		}
		v.Notes = append(v.Notes, Note{Tone: "green", Icon: "shield-lock", Lead: mainstay.Organization.Count(e.OnlyHereOrganizations) + hold + some(e.OnlyHereItems, "item") + " that " + existOrExists(e.OnlyHereItems) + " only in Mainstay.",
			Text: "They stay, and are held back from bulk deletion."})
	}
	if waiting {
		v.Notes = append(v.Notes, waits)
	}
	v.Agreed = e.OrphanTotal()
	if v.OverLimit = e.OverLimit(); v.OverLimit {
		v.SaveLabel = "Save and orphan " + mainstay.Organization.Count(e.Orphan[mainstay.Organization.Name])
	}
	return v
}

// pendingText says what the settings that are saved still do at the next full sync;
// empty where nothing. What starts, and what comes to wait beside the records that
// wait now, is told until a sync followed them: afterwards what doesn't sync has
// another reason, such as Trash.
func pendingText(e change.Effect, waiting map[mainstay.KindName]int, looked bool) string {
	var parts []string
	if n := e.OrphanTotal(); n > 0 {
		parts = append(parts, firstKind(e.Orphan, n)+" "+becomeWord(n)+" orphaned")
	}
	if start := e.StartTotal(); start > 0 && !looked {
		parts = append(parts, firstKind(e.Start, start)+" "+startWord(start)+" syncing")
	}
	if text := comesToWait(e.Waiting, waiting); text != "" && !looked {
		parts = append(parts, text)
	}
	return strings.Join(parts, ", and ")
}

// comesToWait says what will wait to be matched again beside what waits now. What
// an organization holds doesn't wait by itself, so it is told only where none does.
func comesToWait(then, now map[mainstay.KindName]int) string {
	for _, k := range syncedKinds() {
		n := then[k.Name] - now[k.Name]
		switch {
		case n > 0 && n == 1:
			return k.Count(n) + " comes up in Match again"
		case n > 0:
			return k.Count(n) + " come up in Match again"
		case then[k.Name] > 0 && k == &mainstay.Organization:
			return ""
		}
	}
	return ""
}

// firstKind names the number of the first kind that has any, and of the rest:
// "12,433 organizations and 22,149 other items".
func firstKind(counts map[mainstay.KindName]int, total int) string {
	for _, k := range mainstay.Kinds() {
		n := counts[k.Name]
		switch {
		case n == 0:
		case n == total:
			return k.Count(n)
		default:
			return k.Count(n) + " and " + some(total-n, "other item")
		}
	}
	return some(total, "item")
}

func becomeWord(n int) string {
	if n == 1 {
		return "becomes"
	}
	return "become"
}

func startWord(n int) string {
	if n == 1 {
		return "starts"
	}
	return "start"
}

// previewSettings answers with what saving would change: the panel, or without
// script the whole page with the boxes as they were ticked.
func (s *Web) previewSettings(w http.ResponseWriter, r *http.Request) error {
	f, err := s.typedSettings(r)
	if err != nil {
		return err
	}
	e, err := s.Changes.PreviewSettings(r.Context(), auth.Actor(r.Context()), f.i.ID, f.typed)
	if err != nil {
		return err
	}
	if partial(r) {
		p := SyncSettingsPage{Page: s.bare(r, Page{}), Integration: f.i, Tab: f.tab, Preview: f.preview(e)}
		return s.write(w, r, http.StatusOK, previewAnswer(p))
	}
	return s.redrawSettings(w, r, f, e, http.StatusOK, "")
}
