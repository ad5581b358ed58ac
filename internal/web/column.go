package web

// ColumnChooser lets a person choose the columns of a kind's lists. It is a form
// of its own, so it works without script.
type ColumnChooser struct {
	Action  string // takes the choice
	Back    string // the list, to come back to
	Choices []ColumnChoice
	// Kept are chosen columns that this list has no use for and others do.
	Kept []string
	// Own says that the person chose before, so there is something to reset.
	Own bool
}

// ColumnChoice is one column that can be shown.
type ColumnChoice struct {
	Key, Label string
	On         bool
}
