package simulator

// Size says how many records of each kind there are.
type Size struct {
	Companies, Contacts, Sites, Configurations int
}

// Default is a managed service provider whose sync was switched on for every
// type of company: 13,306 companies, of which 12,433 are prospects, leads,
// vendors and former clients.
func Default() Size { return Size{13_306, 24_000, 13_400, 9_400} }

// Small is the same in little, for tests.
func Small() Size { return Scaled(60) }

// Scaled is Default in proportion to a number of companies, at least one of each.
func Scaled(companies int) Size {
	d := Default()
	part := func(n int) int { return max(1, (n*companies+d.Companies/2)/d.Companies) }
	return Size{max(1, companies), part(d.Contacts), part(d.Sites), part(d.Configurations)}
}

// share is how many companies of a type have each status, in the order of
// companyStatuses, in a PSA of the default size.
type share struct {
	name string
	n    [4]int
}

// companyStatuses are the statuses of companies; Inactive and Not approved
// count as inactive.
func companyStatuses() []Label {
	return []Label{
		{ID: 1, Name: "Active", DefaultFlag: true},
		{ID: 2, Name: "Inactive", InactiveFlag: true},
		{ID: 3, Name: "On hold"},
		{ID: 4, Name: "Not approved", InactiveFlag: true},
	}
}

// companyShares are the types of companies. The first four are the ones that a
// provider documents: 873 companies.
func companyShares() []share {
	return []share{
		{"Client", [4]int{514, 38, 17, 4}},
		{"Managed client", [4]int{221, 12, 6, 0}},
		{"Partner", [4]int{46, 9, 1, 2}},
		{"Internal", [4]int{3, 0, 0, 0}},
		{"Vendor", [4]int{19, 251, 0, 14}},
		{"Prospect", [4]int{7_208, 1_763, 37, 0}},
		{"Lead", [4]int{2_640, 388, 0, 9}},
		{"Former client", [4]int{0, 104, 0, 0}},
	}
}

// documented is how many of companyShares, from the first, a provider documents.
const documented = 4

// cell is one pair of a type and a status, by index.
type cell struct{ typ, status int }

// cells deals out n companies over types and statuses in the proportion of
// companyShares: each pair gets its whole share, and the largest remainders get
// what is left. Every type has at least one company where n allows.
func cells(n int) []cell {
	shares := companyShares()
	total := Default().Companies
	type part struct {
		cell
		whole, rest int
	}
	var parts []part
	left := n
	for t, s := range shares {
		for st, k := range s.n {
			if k == 0 {
				continue
			}
			p := part{cell{t, st}, k * n / total, k * n % total}
			left -= p.whole
			parts = append(parts, p)
		}
	}
	for i := range parts {
		// The main pair of a type that came away empty-handed goes first.
		if parts[i].whole == 0 && (i == 0 || parts[i-1].typ != parts[i].typ) {
			parts[i].rest += total
		}
	}
	for ; left > 0; left-- {
		best := 0
		for i := range parts {
			if parts[i].rest > parts[best].rest {
				best = i
			}
		}
		parts[best].whole++
		parts[best].rest -= total
	}
	var out []cell
	for _, p := range parts {
		for range p.whole {
			out = append(out, p.cell)
		}
	}
	return out
}
