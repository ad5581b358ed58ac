package web

import (
	"errors"
	"net/url"

	"mainstay"
)

// ConfirmPage asks before something that a person should think about. The same
// value is drawn as a dialog (confirmDialog) or as a page of its own
// (confirmView), so it works without script.
type ConfirmPage struct {
	Page
	Heading string   // a statement: "Pause all syncing from HaloPSA"
	Text    []string // what happens, what stays; one paragraph each
	Facts   []Fact
	List    []string // names of what is affected, a few
	Action  string   // where the form posts
	Fields  []Hidden
	Inputs  []FormField // questions, such as a reason
	Phrase  string      // what to type into the field "phrase"; empty asks for nothing
	Error   string      // why the last try did not go through
	Button  string      // verb, number, noun; empty where there is nothing to confirm
	Danger  bool
	Stay    string // label of the way back: "Keep it"; empty says Cancel
	Back    string // address of the way back
}

// Fact is a label with a value.
type Fact struct{ Label, Value, URL string }

// Hidden is a value that a form sends unseen.
type Hidden struct{ Name, Value string }

func (p ConfirmPage) stay() string {
	if p.Stay == "" {
		return "Cancel"
	}
	return p.Stay
}

// askAgain puts what was typed back into the questions, and the problem where it
// belongs.
func (p *ConfirmPage) askAgain(typed url.Values, problem error) {
	field := ""
	if e := (*mainstay.Error)(nil); errors.As(problem, &e) {
		field = e.Field
	}
	p.Error = mainstay.SafeMessage(problem)
	for n := range p.Inputs {
		f := &p.Inputs[n]
		if !typed.Has(f.Name) {
			continue
		}
		f.Value = typed.Get(f.Name)
		if f.Name == field {
			f.Error = p.Error
		}
		for o := range f.Options {
			f.Options[o].Selected = f.Options[o].Value == f.Value
		}
	}
}

func (p ConfirmPage) buttonClass() string {
	if p.Danger {
		return "btn btn--d"
	}
	return "btn btn--p"
}
