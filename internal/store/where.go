package store

import (
	"strconv"
	"strings"

	"mainstay"
)

// where collects conditions and their parameters. In a condition each "?"
// stands for the next parameter; conditions are constants of this package, and
// what a person typed travels as a parameter only.
type where struct {
	conds []string
	args  []any
	// walk keeps ranges of moments from choosing the index, so that the order does.
	walk bool
}

func (w *where) add(cond string, args ...any) {
	var b strings.Builder
	for _, r := range cond {
		if r != '?' {
			b.WriteRune(r)
			continue
		}
		b.WriteString(w.arg(args[0]))
		args = args[1:]
	}
	w.conds = append(w.conds, b.String())
}

// arg adds a parameter and returns its placeholder.
func (w *where) arg(v any) string {
	w.args = append(w.args, v)
	return "$" + strconv.Itoa(len(w.args))
}

// moment names a column for a range. The plus changes no value; it hides the
// column from the choice of the index on both databases.
func (w *where) moment(column string) string {
	if w.walk {
		return "+" + column
	}
	return column
}

// list adds a parameter per element and returns "($3, $4)"; an empty list
// matches nothing.
func list[T any](w *where, vs []T, conv func(T) any) string {
	if len(vs) == 0 {
		return "(NULL)"
	}
	var b strings.Builder
	b.WriteByte('(')
	for i, v := range vs {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(w.arg(conv(v)))
	}
	b.WriteByte(')')
	return b.String()
}

// sql joins the conditions; no condition matches everything.
func (w *where) sql() string {
	if len(w.conds) == 0 {
		return "1 = 1"
	}
	return strings.Join(w.conds, " AND ")
}

// visible narrows to the organizations that the actor sees. column holds an
// organization's id.
func (w *where) visible(a mainstay.Actor, column string) {
	if a.All {
		return
	}
	w.add(column+" IN (SELECT organization_id FROM person_organization WHERE person_id = ?)", int64(a.UserID))
}

// contains adds that a column, which is no search key, holds a text. The second
// comparison is for letters beyond ASCII, which SQLite does not fold.
func (w *where) contains(column, text string) {
	w.add("(lower("+column+`) LIKE ? ESCAPE '\' OR `+column+` LIKE ? ESCAPE '\')`, "%"+escapeLike(mainstay.SearchKey(text))+"%", "%"+escapeLike(text)+"%")
}
