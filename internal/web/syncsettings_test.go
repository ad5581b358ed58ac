package web

import "testing"

// TestMatrixCell_delta: a changed box says how many records it moves, however
// many, and a box without records says nothing.
func TestMatrixCell_delta(t *testing.T) {
	for _, c := range []struct {
		cell MatrixCell
		want string
	}{
		{MatrixCell{Was: true, Count: 7225}, "−7,225"},
		{MatrixCell{Was: true, Count: 58}, "−58"},
		{MatrixCell{On: true, Count: 1768}, "+1,768"},
		{MatrixCell{Was: true}, ""},
		{MatrixCell{On: true, Was: true, Count: 7225}, ""},
	} {
		if got := c.cell.delta(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.cell, got, c.want)
		}
	}
}
