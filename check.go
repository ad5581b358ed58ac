package mainstay

// CheckState says what a look before a clean-up found.
type CheckState string

// The states, from nothing to do to mend it first.
const (
	CheckGood CheckState = "good"
	CheckLook CheckState = "look" // somebody should look and decide
	CheckStop CheckState = "stop" // begin nothing large before this is mended
)

// Check is one thing to look at before a clean-up, with the answer for this
// account as it is now.
type Check struct {
	Key    string     `json:"key"` // never changes; machines read it
	State  CheckState `json:"state"`
	Title  string     `json:"title"`
	Text   string     `json:"text"`
	Number int        `json:"number"`
	Unit   string     `json:"unit"` // what Number counts, in the plural
	// Link is the page where to act; Act is the word for it. Empty for none.
	Link string `json:"link"`
	Act  string `json:"act"`
	// Examples are a few of what Number counts, the largest first, as far as the
	// person may see them.
	Examples []CheckExample `json:"examples"`
}

// CheckExample is one organization that a check speaks of.
type CheckExample struct {
	ID     ItemID `json:"id"`
	Name   string `json:"name"`
	Number int    `json:"number"`
}

// Worst is the worst state among checks.
func Worst(checks []Check) CheckState {
	worst := CheckGood
	for _, c := range checks {
		if c.State == CheckStop || (c.State == CheckLook && worst == CheckGood) {
			worst = c.State
		}
	}
	return worst
}
