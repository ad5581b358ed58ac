package db

import "strings"

// positional turns a text with $1 parameters into one with plain ? parameters
// for SQLite, and puts the arguments in the order of their use. SQLite takes $1
// for a name and searches all names of a statement for each parameter, so a
// statement with thousands of them would take seconds; ? has no name. What
// stands in quotes stays as it is. A number without an argument is left alone,
// for the database to refuse.
func positional(query string, args []any) (string, []any) {
	if len(args) == 0 || strings.IndexByte(query, '$') < 0 {
		return query, args
	}
	var b strings.Builder
	b.Grow(len(query))
	out := make([]any, 0, len(args))
	for i := 0; i < len(query); {
		switch c := query[i]; c {
		case '\'', '"':
			end := i + 1
			for end < len(query) && query[end] != c {
				end++
			}
			end = min(end+1, len(query))
			b.WriteString(query[i:end])
			i = end
		case '$':
			n, end := 0, i+1
			for end < len(query) && query[end] >= '0' && query[end] <= '9' && n < 1_000_000 {
				n = n*10 + int(query[end]-'0')
				end++
			}
			if n < 1 || n > len(args) {
				return query, args
			}
			b.WriteByte('?')
			out = append(out, args[n-1])
			i = end
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String(), out
}
