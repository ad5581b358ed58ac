package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"mainstay"
)

// flash is what happened just before a redirect, for the page that follows. It
// travels in a cookie as a code and plain numbers; the words are made here, so
// no text from outside is ever shown.
type flash struct {
	Code flashCode
	Kind mainstay.KindName // what it was about, where the words name it
	N    int               // how many
	ID   int64             // the plan, run or item that it leads to
}

// flashCode names one of the messages.
type flashCode string

// The messages. Each has its words in flash.toast.
const (
	flashDeleted   flashCode = "deleted"   // N items of Kind went to Trash by plan ID
	flashCreated   flashCode = "created"   // one item of Kind
	flashSaved     flashCode = "saved"     // one item of Kind
	flashDiscarded flashCode = "discarded" // plan ID
	flashIncluded  flashCode = "included"  // the item N in plan ID, which names it
	flashExcluded  flashCode = "excluded"  // the item N, which plan ID holds back again
	flashRestoring flashCode = "restoring" // N items by plan ID
	flashSettings  flashCode = "settings"  // settings of the account or of a sync
	flashSyncing   flashCode = "syncing"   // a sync was started
	flashPaused    flashCode = "paused"
	flashResumed   flashCode = "resumed"
	flashUser      flashCode = "user"     // a person was saved
	flashPassword  flashCode = "password" // the own password was changed
	flashBackup    flashCode = "backup"   // a backup was asked for
	flashVerified  flashCode = "verified" // a backup was read back

	flashAnew        flashCode = "anew"         // N records become new items at the next sync
	flashSwitchedOn  flashCode = "switched-on"  // bulk deletion
	flashSwitchedOff flashCode = "switched-off" // bulk deletion
	flashApart       flashCode = "apart"        // the organizations N and ID are not the same
	flashAgain       flashCode = "again"        // the organizations N and ID may be the same after all
	flashKept        flashCode = "kept"         // N items of Kind are protected, by plan ID
	flashLifted      flashCode = "lifted"       // the protection of N items was lifted, by plan ID
	flashHeld        flashCode = "held"         // N items are under legal hold, by plan ID
	flashFreed       flashCode = "freed"        // the legal hold on N items was lifted, by plan ID

	// About the item N of Kind.
	flashSyncOff   flashCode = "sync-off"   // its syncing was turned off; ID is its version since
	flashSyncOn    flashCode = "sync-on"    // its syncing was turned on; ID is its version since
	flashUnlinked  flashCode = "unlinked"   // disconnected by plan ID
	flashMatched   flashCode = "matched"    // linked with a record by plan ID
	flashLinkBack  flashCode = "link-back"  // linked again as before
	flashUnmatched flashCode = "unmatched"  // as before it was matched
	flashOne       flashCode = "one-synced" // followed by the outcome; ID is how many fields changed
)

const cookieFlash = "flash"

// flashSeconds is how long a message waits for its page.
const flashSeconds = 60

func (f flash) String() string {
	return strings.Join([]string{string(f.Code), string(f.Kind), strconv.Itoa(f.N), strconv.FormatInt(f.ID, 10)}, ".")
}

// toast makes the words of a message; an unknown code has none.
func (f flash) toast() Toast {
	label := "item"
	count := some(f.N, "item")
	if k, err := mainstay.KindNamed(string(f.Kind)); err == nil {
		label, count = k.Label, k.Count(f.N)
	}
	if t, ok := f.oneToast(); ok {
		return t
	}
	switch f.Code {
	case flashDeleted:
		return Toast{Text: count + " moved to Trash", Action: "Undo", URL: planURL(mainstay.PlanID(f.ID)) + "/restore", Post: true}
	case flashKept, flashLifted, flashHeld, flashFreed:
		return guardToast(f, count)
	case flashCreated:
		return Toast{Text: capital(label) + " created"}
	case flashSaved:
		return Toast{Text: capital(label) + " saved"}
	case flashDiscarded:
		return Toast{Text: "Plan discarded. Nothing was changed"}
	case flashIncluded:
		return Toast{Text: "Included in the plan"}
	case flashExcluded:
		return Toast{Text: "Held back again"}
	case flashRestoring:
		return Toast{Text: "Restoring " + count, Action: "View", URL: planURL(mainstay.PlanID(f.ID))}
	case flashSettings:
		return Toast{Text: "Settings saved"}
	case flashSyncing:
		return Toast{Text: "The sync was started"}
	case flashPaused:
		return Toast{Text: "Syncing is paused"}
	case flashResumed:
		return Toast{Text: "Syncing goes on"}
	case flashUser:
		return Toast{Text: "User saved"}
	case flashPassword:
		return Toast{Text: "Password changed"}
	case flashBackup:
		return Toast{Text: "The backup was started"}
	case flashAnew:
		return Toast{Text: "The next full sync makes " + some(f.N, "new item")}
	case flashApart:
		return Toast{Text: "Marked as not the same", Action: "Undo", URL: pairURL(mainstay.ItemID(f.N), mainstay.ItemID(f.ID)) + "/look-again", Post: true}
	case flashAgain:
		return Toast{Text: "No longer marked as not the same", Action: "Undo", URL: pairURL(mainstay.ItemID(f.N), mainstay.ItemID(f.ID)) + "/not-the-same", Post: true}
	case flashVerified:
		return Toast{Text: "Every count and hash of the backup is right"}
	case flashSwitchedOn:
		return Toast{Text: "Bulk deletion of items that still sync is on"}
	case flashSwitchedOff:
		return Toast{Text: "Bulk deletion of items that still sync is off"}
	}
	return Toast{}
}

// guardToast says that protection was set or lifted; without a plan it can't be
// undone by a click.
func guardToast(f flash, count string) Toast {
	text := map[flashCode]string{flashKept: "Protected: ", flashLifted: "Protection lifted: ", flashHeld: "Legal hold set: ", flashFreed: "Legal hold lifted: "}[f.Code]
	t := Toast{Text: text + count}
	if f.ID != 0 {
		t.Action, t.URL, t.Post = "Undo", planURL(mainstay.PlanID(f.ID))+"/restore", true
	}
	return t
}

// withFlash leaves a message for the next page.
func withFlash(w http.ResponseWriter, f flash) {
	http.SetCookie(w, &http.Cookie{Name: cookieFlash, Value: url.QueryEscape(f.String()), Path: "/", MaxAge: flashSeconds, HttpOnly: true, SameSite: http.SameSiteLaxMode}) //nolint:gosec // holds no secret, and works without TLS too
}

// flashOf reads the message that waits; one that is not ours is dropped.
func flashOf(r *http.Request) (flash, bool) {
	c, err := r.Cookie(cookieFlash)
	if err != nil {
		return flash{}, false
	}
	text, err := url.QueryUnescape(c.Value)
	parts := strings.Split(text, ".")
	if err != nil || len(parts) != 4 {
		return flash{}, false
	}
	n, errN := strconv.Atoi(parts[2])
	id, errID := strconv.ParseInt(parts[3], 10, 64)
	f := flash{Code: flashCode(parts[0]), Kind: mainstay.KindName(parts[1]), N: n, ID: id}
	return f, errN == nil && errID == nil && n >= 0 && id >= 0 && f.toast().Text != ""
}

// clearFlash takes the message away once a page has shown it.
func clearFlash(w http.ResponseWriter, r *http.Request) {
	if _, err := r.Cookie(cookieFlash); err != nil {
		return
	}
	for _, set := range w.Header().Values("Set-Cookie") {
		if strings.HasPrefix(set, cookieFlash+"=") {
			return
		}
	}
	http.SetCookie(w, &http.Cookie{Name: cookieFlash, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode}) //nolint:gosec // holds no secret, and works without TLS too
}
