package web

import (
	"net/http"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// noteLimit is the longest reason of a disconnection, in runes.
const noteLimit = mainstay.MaxNote

// The values of the field "choice".
const (
	choicePause      = "pause"
	choiceDisconnect = "disconnect"
	choiceDelete     = "delete"
	choiceRemove     = "remove"
)

// partOnly is what people hear who see only some of the organizations that
// something concerns.
const partOnly = "This concerns every organization, and you can open only some. Select the ones you can open in a list and disconnect those, or ask an Administrator."

// classAt reads the row of Manage data that the address names by kind, axis and
// the id of the type or status; the id 0 stands for items without one.
func (m *managed) classAt(r *http.Request) (manageClass, error) {
	in := r.URL.Query()
	kind, err := mainstay.KindNamed(in.Get("kind"))
	if err != nil {
		return manageClass{}, errMissing()
	}
	key := string(kind.Name)
	if axis := in.Get("axis"); axis != "" {
		key += "-" + axis + "-" + in.Get("id")
	}
	c, err := m.class(key)
	if err == nil && (c.axis == unlinkedAxis || c.axis == "" && byPairs(kind) || c.label.ID != 0 && c.label.IntegrationID != m.i.ID) {
		err = errMissing()
	}
	return c, err
}

// disconnectURL is the page that asks what to do with a row; choice is the one
// that is ticked.
func (m *managed) disconnectURL(c manageClass, choice string) string {
	to := m.base() + "/disconnect?kind=" + c.kind.Plural
	if c.axis != "" {
		to += "&axis=" + string(c.axis) + "&id=" + plain(int(c.label.ID))
	}
	if choice != "" {
		to += "&choice=" + choice
	}
	return to
}

// planClass is the row as plans name it.
func (c manageClass) planClass() mainstay.Class {
	return mainstay.Class{Kind: c.kind.Name, Axis: c.axis, ExternalID: c.label.ExternalID}
}

// classNumbers are what a decision about a row is made from.
type classNumbers struct {
	all, seen map[mainstay.KindName]int // linked items, with contents that are linked too
	contents  map[mainstay.KindName]int // linked items, with all contents
	effect    change.Effect             // of pausing
	off       string                    // why nothing that syncs can be deleted; empty where it can
}

// askDisconnect asks what to do with a row of Manage data.
func (s *Web) askDisconnect(w http.ResponseWriter, r *http.Request) error {
	return s.showDisconnect(w, r, http.StatusOK, "")
}

func (s *Web) showDisconnect(w http.ResponseWriter, r *http.Request, status int, problem string) error {
	var m managed
	var c manageClass
	var n classNumbers
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		if m, err = s.readManaged(r, t, "Disconnect"); err != nil {
			return err
		}
		if c, err = m.classAt(r); err != nil {
			return err
		}
		class := store.ClassOf(m.i.ID, c.kind.Name, c.axis, c.label.ID)
		if n.all, err = t.CountLinkedClass(r.Context(), class, mainstay.System("count")); err != nil {
			return err
		}
		if n.seen = n.all; !m.Actor.All {
			if n.seen, err = t.CountLinkedClass(r.Context(), class, m.Actor); err != nil {
				return err
			}
		}
		if n.contents, err = t.CountClassContents(r.Context(), class, m.Actor); err != nil {
			return err
		}
		n.off, err = switchSentence(r, t, m.Actor)
		return err
	})
	if err != nil {
		return err
	}
	if n.effect, err = s.Changes.PreviewPause(r.Context(), m.Actor, m.i.ID, c.planClass()); err != nil {
		return err
	}
	return s.write(w, r, status, disconnectView(m.disconnectPage(c, n, r.FormValue("choice"), r.FormValue("note"), problem)))
}

func (m *managed) disconnectPage(c manageClass, n classNumbers, choice, note, problem string) DisconnectPage {
	heading := ""
	m.Title, heading = m.disconnectTitle(c, choice)
	m.Crumbs = append(m.Crumbs[:2:2], Crumb{Label: "Manage data", URL: m.back(c)}, Crumb{Label: m.Title})
	p := DisconnectPage{Page: m.Page, Heading: heading, Text: c.about(m.i.Name, n.all),
		Action: m.disconnectURL(c, ""), Back: m.back(c), Note: note, Error: problem}
	p.Choices = []DisconnectChoice{m.pauseChoice(c, n), m.endChoice(c, n), m.deleteAllChoice(c, n.contents, n.off)}
	if !m.Actor.All {
		p.Refused, p.Counts = partOnly, countsOf(n.seen, n.all)
	}
	p.tick(choice)
	if !m.i.Paused {
		p.Advice = Note{Text: "To stop syncing for a while without orphaning anything,", Link: Link{"pause the whole integration instead", integrationURL(m.i.ID) + "/pause"}}
	}
	return p
}

// disconnectTitle is what the page is called, in short and in full, for the choice
// that it was opened with.
func (m *managed) disconnectTitle(c manageClass, choice string) (title, heading string) {
	switch choice {
	case choicePause:
		return "Pause syncing", "Pause syncing " + c.noun() + " from " + m.i.Name
	case choiceDelete:
		return "Delete all data", "Delete all data of " + c.noun()
	}
	return "Disconnect", "Disconnect " + c.noun() + " from " + m.i.Name
}

// tick marks the choice that was asked for, or the first that can be made.
func (p *DisconnectPage) tick(choice string) {
	at := -1
	for i, c := range p.Choices {
		if c.Off == "" && (at < 0 || c.Key == choice) {
			at = i
		}
	}
	if at >= 0 {
		p.Choices[at].Checked = true
	}
}

// noun is the row in the middle of a sentence: "Vendor", "all contacts".
func (c manageClass) noun() string {
	if c.axis == "" || c.label.ID == 0 {
		return lowerFirst(c.name())
	}
	return c.name()
}

// about says in words what the row holds.
func (c manageClass) about(psa string, all map[mainstay.KindName]int) string {
	own := c.kind.Count(all[c.kind.Name])
	have := " have"
	if all[c.kind.Name] == 1 {
		have = " has"
	}
	text := own + " " + isAre(all[c.kind.Name]) + " linked with " + psa
	switch {
	case c.axis != "" && c.label.ID == 0:
		text = own + have + " no " + string(c.axis)
	case c.axis != "":
		text = own + have + " the " + string(c.axis) + " " + c.label.Name
	}
	inside := map[mainstay.KindName]int{}
	for k, n := range all {
		if k != c.kind.Name {
			inside[k] = n
		}
	}
	if sumKinds(inside) > 0 {
		text += ", with " + inWords(inside) + " inside"
	}
	return text + ". Orphaned ones count too."
}

// pauseChoice stops the row and keeps its links.
func (m *managed) pauseChoice(c manageClass, n classNumbers) DisconnectChoice {
	out := DisconnectChoice{Key: choicePause, Title: "Pause syncing and keep all data", Tag: reversible(),
		Text: "Links stay in place and every item stays. The items stop updating from " + m.i.Name + ".", Button: "Plan to pause syncing"}
	if !c.active(m.i) {
		out.Off = capital(c.noun()) + " doesn't sync already: nothing of it is ticked in Sync settings."
		return out
	}
	next := "Nothing becomes orphaned."
	if total := n.effect.OrphanTotal(); total > 0 {
		next = some(total, "item") + " become orphaned: " + inWords(n.effect.Orphan) + "."
		if total == 1 {
			next = "1 item becomes orphaned."
		}
		out.Button = "Plan to pause syncing for " + leadCount(c.kind, n.effect.Orphan)
	}
	if k := n.effect.OnlyHereItems; k > 0 {
		next += " " + some(k, "item") + " that exist only here stay as they are."
	}
	out.Facts = []Fact{{Label: "Now", Value: "It is unticked in Sync settings. No item changes."}, {Label: "At the next full sync", Value: next},
		{Label: "To resume", Value: "Undo the plan, or tick it again in Sync settings. The links are still there, so the items sync again at the next full sync."}}
	return out
}

// endChoice stops the row and ends its links.
func (m *managed) endChoice(c manageClass, n classNumbers) DisconnectChoice {
	out := DisconnectChoice{Key: choiceDisconnect, Title: "Permanently disconnect records from " + m.i.Name + " but keep all data", Tag: reversible(),
		Known: "“Permanently” is the word of other tools. Here it can be undone.",
		Text:  "Every item stays here as Not linked and no longer updates from " + m.i.Name + "."}
	if sumKinds(n.all) == 0 {
		out.Off = "Nothing of it is linked, so there is nothing to disconnect."
		return out
	}
	out.Button = "Plan to disconnect " + leadCount(c.kind, n.all)
	now := some(sumKinds(n.all), "link") + ends(sumKinds(n.all)) + ": " + inWords(n.all) + "."
	if c.active(m.i) {
		now = "It is unticked in Sync settings. " + now
	}
	out.Facts = []Fact{{Label: "Now", Value: now}, {Label: "At the next full sync", Value: "Nothing. The records stay in " + m.i.Name + ", and no copy of them is made here."},
		{Label: "To get it back", Value: "Undo the plan: links, fields, states and ticks come back. A trace of each link stays, so if you tick it again later, the records wait under Match again with their old items and make no duplicates."}}
	return out
}

// leadCount counts the row's own kind, or all items where there are none of it.
func leadCount(k *mainstay.Kind, n map[mainstay.KindName]int) string {
	if n[k.Name] > 0 {
		return k.Count(n[k.Name])
	}
	return some(sumKinds(n), "item")
}

// refuseDisconnect answers people without the right to make plans: a try to
// delete items that still sync is recorded.
func (s *Web) refuseDisconnect(r *http.Request, why error) error {
	if form(r) != nil || r.PostForm.Get("choice") != choiceDelete {
		return why
	}
	return s.Changes.RefuseSyncing(r.Context(), auth.Actor(r.Context()), 0, "Plan to delete by type or status", why)
}

// disconnect makes the plan of the choice.
func (s *Web) disconnect(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	var m managed
	var c manageClass
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		if m, err = s.readManaged(r, t, "Disconnect"); err == nil {
			c, err = m.classAt(r)
		}
		return err
	})
	if err != nil {
		return err
	}
	a, class, note := auth.Actor(r.Context()), c.planClass(), r.PostForm.Get("note")
	var p mainstay.Plan
	switch r.PostForm.Get("choice") {
	case choicePause:
		p, err = s.Changes.ProposePause(r.Context(), a, m.i.ID, class, note)
	case choiceDisconnect:
		p, err = s.Changes.ProposeDisconnect(r.Context(), a, change.Unlink{Integration: m.i.ID, Class: &class, Note: note})
	case choiceDelete:
		p, err = s.Changes.ProposeDeleteClass(r.Context(), a, m.i.ID, class, note, 0)
	default:
		err = mainstay.Errorf(mainstay.Invalid, "Choose what happens to the items. Nothing was planned.")
	}
	if kind := mainstay.KindOf(err); kind == mainstay.Invalid || kind == mainstay.Conflict {
		return s.showDisconnect(w, r, auth.Status(err), mainstay.SafeMessage(err))
	}
	if err != nil {
		return err
	}
	return redirect(w, r, planURL(p.ID))
}
