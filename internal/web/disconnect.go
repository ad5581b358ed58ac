package web

import "mainstay"

// DisconnectPage asks what to do with a class of linked items, with one
// organization or with a whole integration: choices with what each does, to how
// many, what follows and how it is reversed. It posts choice and note, and leads
// to a plan.
type DisconnectPage struct {
	Page
	Heading string // "Disconnect Vendor from ConnectWise PSA"
	Text    string // "19 organizations have the type Vendor, with 64 configurations and 82 contacts inside."
	Choices []DisconnectChoice
	Counts  []DisconnectCount // shown where this person can open only a part
	Refused string            // why this person may not; empty where they may
	Advice  Note
	Action  string
	Back    string
	Note    string // the reason, as typed
	Error   string
}

// DisconnectChoice is one way to go.
type DisconnectChoice struct {
	Key     string // of the field "choice"
	Title   string
	Tag     Tag
	Text    string
	Known   string // what a word of other tools in the title means here
	Facts   []Fact // "Now", "At the next full sync", "To get it back"
	Button  string // verb, number, noun
	Danger  bool
	Off     string // why it can't be chosen; empty where it can
	OffLink Link   // where that is changed
	Checked bool
}

// Tag is a short word beside a title.
type Tag struct{ Tone, Icon, Label string }

// reversible marks what can be taken back.
func reversible() Tag { return Tag{"green", "arrow-back-up", "Reversible"} }

// DisconnectCount is how many items of a kind it is about.
type DisconnectCount struct {
	Kind      *mainstay.Kind
	Seen, All int
}

// countsOf lists the kinds that there are some of, as far as a person sees them.
func countsOf(seen, all map[mainstay.KindName]int) []DisconnectCount {
	var out []DisconnectCount
	for _, k := range mainstay.Kinds() {
		if all[k.Name] > 0 {
			out = append(out, DisconnectCount{Kind: k, Seen: seen[k.Name], All: all[k.Name]})
		}
	}
	return out
}

// inWords writes numbers by kind in the order of the kinds: "19 organizations,
// 64 configurations and 82 contacts"; "nothing" for none.
func inWords(n map[mainstay.KindName]int) string {
	var parts []string
	for _, k := range mainstay.Kinds() {
		if n[k.Name] > 0 {
			parts = append(parts, k.Count(n[k.Name]))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return andList(parts)
}

func sumKinds(n map[mainstay.KindName]int) int {
	sum := 0
	for _, k := range n {
		sum += k
	}
	return sum
}

// ends is the verb after a number of links.
func ends(n int) string {
	if n == 1 {
		return " ends"
	}
	return " end"
}

// open reports whether some choice can be made.
func (p DisconnectPage) open() bool {
	for _, c := range p.Choices {
		if c.Off == "" && p.Refused == "" {
			return true
		}
	}
	return false
}

func (c DisconnectChoice) id() string { return idFor("c", c.Key) }

func (c DisconnectChoice) buttonClass() string {
	if c.Danger {
		return "btn btn--d"
	}
	return "btn btn--p"
}
