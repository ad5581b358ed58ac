package mainstay_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mainstay"
)

func TestNameKey(t *testing.T) {
	for _, same := range [][]string{
		{"Harbor Dental", "harbor  dental", "Harbor Dental, Inc.", "HARBOR DENTAL LLC", "The Harbor Dental Co.", "Harbor-Dental L.L.C.", "Harbordental", "Harbor Dental, The"},
		{"Smith & Sons", "Smith and Sons Ltd", "Smith + Sons"},
		{"Größl", "Grössl GmbH & Co. KG", "GROSSL AG"},
		{"O'Neil", "ONeil S.A.", "O’Neil"},
		{"Café Zoe\u0301", "Cafe Zoé"},
		{"Company", "The Company"},
		{"東風 Trading", "東風Trading Co."},
	} {
		for _, name := range same {
			if got, want := mainstay.NameKey(name), mainstay.NameKey(same[0]); got != want || got == "" {
				t.Errorf("%q gives %q, want %q as %q", name, got, want, same[0])
			}
		}
	}
	for _, other := range [][2]string{{"Harbor Dental", "Harbor Dental 2"}, {"Smith and Sons", "Smith"}, {"Inc", "LLC"}, {"The", "Company"}, {"Фабрика", "Снег"}} {
		if mainstay.NameKey(other[0]) == mainstay.NameKey(other[1]) {
			t.Errorf("%q and %q are taken for the same", other[0], other[1])
		}
	}
	for _, none := range []string{"", " ", "-", "!?", "'"} {
		if got := mainstay.NameKey(none); got != "" {
			t.Errorf("%q gives %q", none, got)
		}
	}
}

func TestDomainKey(t *testing.T) {
	for in, want := range map[string]string{
		"https://www.Harbor.example/about?x=1": "harbor.example", "harbor.example": "harbor.example", "HTTP://HARBOR.EXAMPLE:8080": "harbor.example",
		"www.harbor.example.": "harbor.example", "shop.harbor.example": "shop.harbor.example", "müller.example": "müller.example", "live.harbor.example": "live.harbor.example",
		"": "", "n/a": "", "none": "", "gmail.com": "", "hotmail.co.uk": "", "https://yahoo.fr": "", "https://facebook.com/harbor": "", "10.0.0.1": "", "http://[::1]/": "",
		"a..b": "", "two words.com": "", "https://": "", "-": "", "x.1": "",
	} {
		if got := mainstay.DomainKey(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}

func TestPhoneKey(t *testing.T) {
	for _, same := range [][]string{
		{"(212) 555-0142", "212.555.0142", "+1 212 555 0142", "1-212-555-0142", "212 555 0142 x12", "2125550142 ext. 4", "001 212 555 0142", "212-555-0142 / 0143"},
		{"020 7946 0123", "+44 20 7946 0123", "+44 (0)20 7946 0123", "0044 20 7946 0123", "011 44 20 7946 0123", "44 20 7946 0123"},
		{"030/123456", "+49 30 123456", "0049 30 123456"},
		{"+45 12 34 56 70", "0045 12345670"},
		{"06 1234 5671", "+39 06 1234 5671"},
	} {
		for _, number := range same {
			if got, want := mainstay.PhoneKey(number), mainstay.PhoneKey(same[0]); got != want || got == "" {
				t.Errorf("%q gives %q, want %q as %q", number, got, want, same[0])
			}
		}
	}
	if mainstay.PhoneKey("212 555 0142") == mainstay.PhoneKey("312 555 0142") {
		t.Error("two areas are taken for the same")
	}
	for _, none := range []string{"", "call us", "555-0142", "12345678", "000-000-0000", "999 999 9999", "1234567890", "123456789", "+", "+1", "+999", "00", "1-800-FLOWERS"} {
		if got := mainstay.PhoneKey(none); got != "" {
			t.Errorf("%q gives %q", none, got)
		}
	}
}

func TestAddressKey(t *testing.T) {
	for _, same := range [][2][2]string{
		{{"12 Main Street", "94105"}, {"12 MAIN ST.", "94105-1234"}},
		{{"200 N. Harbor Ave, Suite 4", "K1A 0B1"}, {"200 North Harbor Avenue Ste 4", "k1a0b1"}},
		{{"Hauptstraße 5", "10115"}, {"Hauptstr. 5", "10115"}},
		{{"P.O. Box 12", "1234"}, {"PO Box 12", "1234"}},
	} {
		a, b := mainstay.AddressKey(same[0][0], same[0][1]), mainstay.AddressKey(same[1][0], same[1][1])
		if a != b || a == "" {
			t.Errorf("%q gives %q and %q gives %q", same[0], a, same[1], b)
		}
	}
	for _, none := range [][2]string{{"", "94105"}, {"12 Main Street", ""}, {"-", "94105"}, {"TBD", "94105"}, {"12 Main Street", "-"}} {
		if got := mainstay.AddressKey(none[0], none[1]); got != "" {
			t.Errorf("%q gives %q", none, got)
		}
	}
}

func TestCodeKey(t *testing.T) {
	if a, b := mainstay.CodeKey("Harbor-Dental"), mainstay.CodeKey("HARBORDENTAL"); a != b || a == "" {
		t.Errorf("got %q and %q", a, b)
	}
	for _, none := range []string{"", "-", "x"} {
		if got := mainstay.CodeKey(none); got != "" {
			t.Errorf("%q gives %q", none, got)
		}
	}
}

// FuzzKeys looks that a key of a key is itself, so that what was folded once is
// folded, and that text stays text.
func FuzzKeys(f *testing.F) {
	for _, s := range []string{"The Harbor Dental Co.", "https://www.harbor.example", "+44 (0)20 7946 0123 x1", "12 Main Street", "İ", "\xff", "GmbH & Co. KG", "ẞ", "94105-1234"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		street, _, _ := strings.Cut(mainstay.AddressKey(s, "1"), "|")
		for name, keys := range map[string][2]string{
			"name":    {mainstay.NameKey(s), mainstay.NameKey(mainstay.NameKey(s))},
			"code":    {mainstay.CodeKey(s), mainstay.CodeKey(mainstay.CodeKey(s))},
			"domain":  {mainstay.DomainKey(s), mainstay.DomainKey(mainstay.DomainKey(s))},
			"address": {mainstay.AddressKey(s, "1"), mainstay.AddressKey(street, "1")},
		} {
			if keys[0] != keys[1] {
				t.Errorf("%s of %q: %q becomes %q", name, s, keys[0], keys[1])
			}
			if utf8.ValidString(s) && !utf8.ValidString(keys[0]) {
				t.Errorf("%s of %q is broken: %q", name, s, keys[0])
			}
		}
		if key := mainstay.PhoneKey(s); strings.Trim(key, "0123456789") != "" || len(key) > 10 {
			t.Errorf("phone of %q: %q", s, key)
		}
	})
}

// known is one organization of a random world.
type known struct {
	id, parent mainstay.ItemID
	name       string
	fields     mainstay.DuplicateFields
	locations  []mainstay.DuplicateFields
	contacts   []mainstay.DuplicateFields
}

func drawWorld(t *rapid.T) []known {
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	world := make([]known, rapid.IntRange(0, 30).Draw(t, "organizations"))
	for n := range world {
		o := known{id: mainstay.ItemID(n + 1), parent: mainstay.ItemID(rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "parent")), name: pick("name", "Oak", "Oak Inc", "The Oak", "Elm", "Fir", "Ash", "Yew", "")}
		if o.parent == o.id {
			o.parent = 0
		}
		o.fields = mainstay.DuplicateFields{ShortName: pick("code", "", "OAK", "oak", "ELM"), Website: pick("site", "", "https://www.oak.example", "oak.example", "elm.example", "gmail.com"),
			Phone: pick("phone", "", "212 555 0142", "+1 212 555 0142", "312 555 0142")}
		for range rapid.IntRange(0, 2).Draw(t, "locations") {
			o.locations = append(o.locations, mainstay.DuplicateFields{Street: pick("street", "12 Main Street", "12 Main St", "9 Elm Road", ""), Postal: pick("postal", "94105", "10115", ""),
				Phone: pick("phone", "", "212 555 0142", "412 555 0142")})
		}
		for range rapid.IntRange(0, 4).Draw(t, "contacts") {
			o.contacts = append(o.contacts, mainstay.DuplicateFields{Email: pick("mail", "a@oak.example", "b@elm.example", "c@gmail.com", "nobody", "")})
		}
		world[n] = o
	}
	return world
}

// keysOf are all keys of an organization by reason, as the rules say it.
func keysOf(o known) map[mainstay.DuplicateReason]map[string]bool {
	out := map[mainstay.DuplicateReason]map[string]bool{}
	put := func(r mainstay.DuplicateReason, key string) {
		if out[r] == nil {
			out[r] = map[string]bool{}
		}
		if key != "" {
			out[r][key] = true
		}
	}
	put(mainstay.DuplicateName, mainstay.NameKey(o.name))
	put(mainstay.DuplicatePSA, mainstay.CodeKey(o.fields.ShortName))
	put(mainstay.DuplicateDomain, mainstay.DomainKey(o.fields.Website))
	put(mainstay.DuplicatePhone, mainstay.PhoneKey(o.fields.Phone))
	for _, l := range o.locations {
		put(mainstay.DuplicatePhone, mainstay.PhoneKey(l.Phone))
		put(mainstay.DuplicateAddress, mainstay.AddressKey(l.Street, l.Postal))
	}
	withDomain, by := 0, map[string]int{}
	for _, c := range o.contacts {
		if _, host, ok := strings.Cut(c.Email, "@"); ok && mainstay.DomainKey(host) != "" {
			by[mainstay.DomainKey(host)]++
			withDomain++
		}
	}
	for d, n := range by {
		if 2*n >= withDomain {
			put(mainstay.DuplicateDomain, d)
		}
	}
	return out
}

// naive compares each organization with each other: "a b: reasons".
func naive(world []known) []string {
	var out []string
	keys := make([]map[mainstay.DuplicateReason]map[string]bool, len(world))
	for i, o := range world {
		keys[i] = keysOf(o)
	}
	holders := func(r mainstay.DuplicateReason, key string) int {
		n := 0
		for i := range world {
			if keys[i][r][key] {
				n++
			}
		}
		return n
	}
	for i, a := range world {
		for j, b := range world[:i] {
			related := a.parent == b.id || b.parent == a.id || a.parent != 0 && a.parent == b.parent
			var shared []string
			for _, r := range mainstay.DuplicateReasons() {
				counts := false
				for key := range keys[i][r] {
					counts = counts || keys[j][r][key] && holders(r, key) <= mainstay.DuplicateGroup
				}
				if counts && (!related || r == mainstay.DuplicateName || r == mainstay.DuplicatePSA) {
					shared = append(shared, string(r))
				}
			}
			if len(shared) > 0 {
				out = append(out, fmt.Sprintf("%d %d: %s", b.id, a.id, strings.Join(shared, " ")))
			}
		}
	}
	slices.Sort(out)
	return out
}

// find takes a world in, in some order, and finds its pairs.
func find(world []known) ([]mainstay.DuplicatePair, []mainstay.DuplicateCommon) {
	f := mainstay.NewDuplicateFinder()
	for _, o := range world {
		for _, c := range o.contacts {
			f.Contact(o.id, c)
		}
		for _, l := range o.locations {
			f.Location(o.id, l)
		}
		f.Organization(o.id, o.parent, o.name, o.fields)
	}
	return f.Find()
}

func TestDuplicateFinder_isWhatComparingAllGives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		world := drawWorld(t)
		pairs, common := find(world)
		var got []string
		for _, p := range pairs {
			var shared []string
			for _, s := range p.Shared {
				shared = append(shared, string(s.Reason))
			}
			got = append(got, fmt.Sprintf("%d %d: %s", p.A, p.B, strings.Join(shared, " ")))
		}
		slices.Sort(got)
		if diff := gocmp.Diff(naive(world), got); diff != "" {
			t.Fatalf("-naive +found:\n%s", diff)
		}
		if !slices.IsSortedFunc(pairs, mainstay.DuplicatePair.Compare) {
			t.Fatalf("the pairs are in no order: %+v", pairs)
		}
		for _, c := range common {
			if c.N <= mainstay.DuplicateGroup || c.Text == "" {
				t.Fatalf("%+v is not common", c)
			}
		}
		again, commonAgain := find(slices.SortedFunc(slices.Values(world), func(a, b known) int { return cmp.Compare(b.id, a.id) }))
		if diff := gocmp.Diff(pairs, again); diff != "" {
			t.Fatalf("the order of what is taken in matters:\n%s", diff)
		}
		if diff := gocmp.Diff(common, commonAgain); diff != "" {
			t.Fatalf("the order of what is taken in matters:\n%s", diff)
		}
	})
}

// What very many share makes no pairs, so their number stays in proportion.
func TestDuplicateFinder_common(t *testing.T) {
	for n, want := range map[int]int{mainstay.DuplicateGroup: mainstay.DuplicateGroup * (mainstay.DuplicateGroup - 1) / 2, mainstay.DuplicateGroup + 1: 0, 20_000: 0} {
		f := mainstay.NewDuplicateFinder()
		for i := range n {
			f.Organization(mainstay.ItemID(i+1), 0, fmt.Sprint("Client ", i), mainstay.DuplicateFields{Phone: "212 555 0142"})
		}
		pairs, common := f.Find()
		if len(pairs) != want {
			t.Errorf("%d organizations with one number give %d pairs, want %d", n, len(pairs), want)
		}
		if wantCommon := min(1, n/(mainstay.DuplicateGroup+1)); len(common) != wantCommon || wantCommon == 1 && (common[0].N != n || common[0].Text != "212 555 0142") {
			t.Errorf("%d organizations with one number give %+v", n, common)
		}
	}
}

// Each side is shown as it is written there, and its own field before one inside.
func TestDuplicateFinder_texts(t *testing.T) {
	f := mainstay.NewDuplicateFinder()
	f.Organization(2, 0, "Harbor Dental LLC", mainstay.DuplicateFields{Website: "harbor.example", Phone: "+1 212 555 0142"})
	f.Organization(1, 0, "Harbor Dental", mainstay.DuplicateFields{Phone: "212-555-0142"})
	f.Location(1, mainstay.DuplicateFields{Phone: "(212) 555 0142"})
	for range 3 {
		f.Contact(1, mainstay.DuplicateFields{Email: "ann@harbor.example"})
	}
	pairs, _ := f.Find()
	want := []mainstay.DuplicatePair{{A: 1, B: 2, Name: "harbor dental", Score: 9, Shared: []mainstay.DuplicateShared{
		{Reason: mainstay.DuplicateName, A: "Harbor Dental", B: "Harbor Dental LLC"},
		{Reason: mainstay.DuplicateDomain, A: "3 contacts at harbor.example", B: "harbor.example"},
		{Reason: mainstay.DuplicatePhone, A: "212-555-0142", B: "+1 212 555 0142"},
	}}}
	if diff := gocmp.Diff(want, pairs); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestParseDuplicateReason(t *testing.T) {
	labels := map[string]bool{}
	for _, r := range mainstay.DuplicateReasons() {
		got, err := mainstay.ParseDuplicateReason(string(r))
		if err != nil || got != r || labels[r.Label()] {
			t.Errorf("%q gives %q, %v, and the label %q", r, got, err, r.Label())
		}
		labels[r.Label()] = true
	}
	if r, err := mainstay.ParseDuplicateReason(""); r != "" || err != nil {
		t.Errorf("nothing gives %q, %v", r, err)
	}
	if _, err := mainstay.ParseDuplicateReason("nmae"); mainstay.KindOf(err) != mainstay.Invalid {
		t.Errorf("a wrong word gives %v", err)
	}
}
