package web

import (
	"time"

	"mainstay"
	"mainstay/internal/store"
)

// planWords are the words of one action on the page of a plan. The sentences
// speak of "them", the items; every one of them must be true of the engine.
type planWords struct {
	Do, Doing, Done string // "Delete", "Deleting", "moved to Trash"
	Noun, Icon      string // "Deletion", a Tabler icon
	Verb            string // "Before you …", and the head of the column
	WillBe          string // over the first number
	Danger          bool   // takes something away, so the button is red
	Keep            string // "Keep deleting": the way back from stopping
	Left            string // what stopping halfway leaves
	Undone          string // what undoing does; empty for an action without undo
	HeldHelp        string // beside "Held back"
}

func verbsOf(a mainstay.Action) planWords { return actionWords()[a] }

// actionWords is the one table of words: a new action is a new row.
func actionWords() map[mainstay.Action]planWords {
	return map[mainstay.Action]planWords{
		mainstay.ActionDelete: {Do: "Delete", Doing: "Deleting", Done: "moved to Trash", Noun: "Deletion", Icon: "trash", Verb: "delete", WillBe: "Will be deleted", Danger: true,
			Keep: "Keep deleting", Left: "Deleting stops now and everything this plan removed comes back.",
			HeldHelp: "kept unless you include them one by one"},
		mainstay.ActionRestore: {Do: "Restore", Doing: "Restoring", Done: "restored", Noun: "Restore", Icon: "arrow-back-up", Verb: "restore", WillBe: "Will be restored",
			Keep: "Keep restoring", Left: "What came back stays. The rest stays in Trash."},
		mainstay.ActionPurge: {Do: "Delete for good", Doing: "Deleting", Done: "deleted for good", Noun: "Purge", Icon: "trash-off", Verb: "delete", WillBe: "Will be deleted for good", Danger: true,
			Keep: "Keep deleting", Left: "What is gone stays gone. The rest stays in Trash."},
		mainstay.ActionDisconnect: {Do: "Disconnect", Doing: "Disconnecting", Done: "disconnected", Noun: "Disconnection", Icon: "unlink", Verb: "disconnect", WillBe: "Will be disconnected", Danger: true,
			Keep: "Keep disconnecting", Left: "What is disconnected stays so until you undo it. The rest stays linked.",
			Undone: "Undoing links them again as they were, and ticks again what this plan unticked.", HeldHelp: "stay linked"},
		mainstay.ActionReconnect: {Do: "Reconnect", Doing: "Reconnecting", Done: "reconnected", Noun: "Reconnection", Icon: "link", Verb: "reconnect", WillBe: "Will be reconnected",
			Keep: "Keep reconnecting", Left: "What is linked again stays so. The rest stays disconnected.",
			Undone: "Undoing ends these links again. Every item stays."},
		mainstay.ActionPause: {Do: "Pause syncing", Doing: "Pausing", Done: "paused", Noun: "Pause", Icon: "player-pause", Verb: "pause", WillBe: "Will become orphaned",
			Keep: "Keep pausing", Left: "Nothing was changed.",
			Undone: "Undoing ticks the class again. What became orphaned heals at the next full sync."},
		mainstay.ActionResume: {Do: "Resume syncing", Doing: "Resuming", Done: "resumed", Noun: "Resumption", Icon: "player-play", Verb: "resume", WillBe: "Will sync again",
			Keep: "Keep resuming", Left: "Nothing was changed."},
		mainstay.ActionEdit: {Do: "Change", Doing: "Changing", Done: "changed", Noun: "Change", Icon: "pencil", Verb: "change", WillBe: "Will be changed",
			Keep: "Keep changing", Left: "What is changed stays so until you undo it. The rest stays as it is.",
			Undone: "Undoing gives each of them back the type and status that it had.", HeldHelp: "stay as they are"},
		mainstay.ActionProtect: {Do: "Protect", Doing: "Protecting", Done: "changed", Noun: "Protection", Icon: "shield-lock", Verb: "change", WillBe: "Will be changed",
			Keep: "Keep going", Left: "What is changed stays so until you undo it. The rest stays as it is.",
			Undone: "Undoing gives each of them back the protection that it had.", HeldHelp: "stay as they are"},
		mainstay.ActionRevert: {Do: "Change back", Doing: "Changing back", Done: "changed back", Noun: "Change back", Icon: "arrow-back-up", Verb: "change back", WillBe: "Will be changed back",
			Keep: "Keep going", Left: "What is changed back stays so. The rest stays as it is.",
			Undone: "Undoing makes the change once more."},
		mainstay.ActionMerge: {Do: "Merge", Doing: "Merging", Done: "moved", Noun: "Merge", Icon: "arrows-exchange", Verb: "merge", WillBe: "Will be moved", Danger: true,
			Keep: "Keep merging", Left: "What has moved stays where it is until you undo it. The rest stays too.",
			Undone: "Undoing moves everything back: items, links, fields and access are as before the merge, and both organizations are there again.", HeldHelp: "stay where they are"},
		mainstay.ActionUnmerge: {Do: "Undo the merge", Doing: "Undoing the merge", Done: "moved back", Noun: "Undo of a merge", Icon: "git-compare", Verb: "move back", WillBe: "Will be moved back",
			Keep: "Keep going", Left: "What has moved back stays there. The rest stays where it is."},
	}
}

// after says what happens to the items, and what stays possible.
func (p PlanPage) after() string {
	psa := p.Plan.Params.PSA
	if psa == "" {
		psa = "the PSA"
	}
	switch p.Plan.Action {
	case mainstay.ActionRestore:
		return "They come back as they were, with their history. Items that came from the PSA come back as Orphaned and sync again when the PSA returns them."
	case mainstay.ActionPurge:
		return "This can't be undone. Only a backup can bring them back."
	case mainstay.ActionDisconnect:
		return disconnectAfter(p.Plan.Params, psa)
	case mainstay.ActionReconnect:
		return "They are linked with their records in " + psa + " again, and update from there at the next full sync. What the PSA owns replaces what was typed here."
	case mainstay.ActionPause:
		return className(p.Plan.Params) + " stops syncing. All data and links stay. They become Orphaned at the next full sync, and sync again once the class is ticked again."
	case mainstay.ActionResume:
		return className(p.Plan.Params) + " syncs again at the next full sync."
	case mainstay.ActionEdit:
		return "Sets " + p.Plan.Params.Sets + ". Nothing else about them changes. " + psaUntouched(psa)
	case mainstay.ActionProtect:
		return "Plans hold protected items back from deleting, disconnecting and merging. Nothing else about them changes."
	case mainstay.ActionRevert:
		return "Each gets back what it had before, where nobody changed it since."
	case mainstay.ActionMerge:
		return mergeAfter(p.Plan.Params.Merge) + psaUntouched(psa)
	case mainstay.ActionUnmerge:
		return "Everything goes back to where it was before the merge."
	}
	return deleteAfter(p.Plan.Params) + "Everything goes to Trash and can be restored until " + p.day(p.Now.Add(time.Duration(p.Days)*24*time.Hour)) + ". After that it's gone for good."
}

// mergeAfter names the two.
func mergeAfter(m *mainstay.MergeParams) string {
	if m == nil {
		return ""
	}
	return "Everything in " + m.SourceName + " moves into " + m.TargetName + ", and " + m.SourceName + " goes to Trash. Undoing the plan makes two of them again. "
}

func disconnectAfter(params mainstay.PlanParams, psa string) string {
	text := "Every item stays here as Not linked and no longer updates from " + psa + ". "
	switch {
	case params.Remove:
		return text + "The integration and its credentials are removed. Connecting the same PSA again finds all of them. " + psaUntouched(psa)
	case params.Class != nil:
		return className(params) + " stops syncing. " + text + "When it syncs again, the records wait under Match again and make no duplicates."
	}
	return text + "Their records wait under Match again and make no duplicates."
}

func psaUntouched(psa string) string { return "Nothing changes in " + psa + "." }

func className(params mainstay.PlanParams) string {
	if params.Class == nil {
		return "The class"
	}
	return params.Class.Name
}

// third is the number between what is held back and what changes in the PSA.
func (p PlanPage) third() (label, icon, value, sub string) {
	t := p.Plan.Counts.Total()
	switch p.Plan.Action {
	case mainstay.ActionDelete:
		return "Links removed", "link", num(p.Plan.Counts.LinksRemoved), "from items you keep"
	case mainstay.ActionDisconnect:
		return "Links ended", "unlink", num(t.Apply), "a trace of each stays"
	case mainstay.ActionReconnect:
		return "Links taken up", "link", num(t.Apply), "with what the PSA says now"
	case mainstay.ActionMerge:
		if m := p.Plan.Params.Merge; m != nil && m.Doubles > 0 {
			return "To Trash", "trash", num(1 + m.Doubles), "the emptied organization, and doubles"
		}
		return "To Trash", "trash", "1", "the emptied organization"
	}
	return "Deleted", "trash", "0", "every item stays"
}

// onlyText says what of it no PSA could give back.
func (p PlanPage) onlyText() string {
	t := p.Plan.Counts.Total()
	if (p.Plan.Action != mainstay.ActionDelete && p.Plan.Action != mainstay.ActionPurge) || t.Apply == 0 {
		return ""
	}
	text := "Every one of these came from the PSA."
	switch {
	case t.OnlyHere == 1:
		text = "1 of these exists only here: no PSA has a copy."
	case t.OnlyHere > 1:
		text = num(t.OnlyHere) + " of these exist only here: no PSA has a copy."
	}
	if t.Unlinked > 0 {
		text += " " + some(t.Unlinked, "item") + " of these " + wereOrWas(t.Unlinked) + " disconnected, so no sync brings them back."
	}
	return text
}

func wereOrWas(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// includable reports whether a person may take a row out of what is held back.
// What is protected has to be lifted first, and what still syncs has to stop.
func includable(h mainstay.HeldBack) bool { return h.OnlyHere > 0 && !protectedWhy(h.Why) }

func protectedWhy(why string) bool {
	switch why {
	case store.WhyProtected, store.WhyKeptInside, store.WhyLegalHold, store.WhyHoldInside, store.WhySyncing, store.WhyInside, store.WhyPrimary, store.WhyOther:
		return true
	}
	return false
}
