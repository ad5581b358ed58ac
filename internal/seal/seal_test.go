package seal

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"mainstay"
)

func newRing(t testing.TB) *Ring {
	t.Helper()
	r, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func sealed(t testing.TB, r *Ring, plain string, aad []byte) []byte {
	t.Helper()
	out, err := r.Seal([]byte(plain), aad)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRing_roundTrip(t *testing.T) {
	r := newRing(t)
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		aad := Bind("integration", rapid.String().Draw(t, "id"))
		s, err := r.Seal(plain, aad)
		if err != nil {
			t.Fatal(err)
		}
		if len(plain) > 8 && bytes.Contains(s, plain) {
			t.Fatal("the sealed secret contains the plain one")
		}
		got, err := r.Open(s, aad)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("Open = %q, %v", got, err)
		}
	})
}

func TestRing_sameSecretTwiceDiffers(t *testing.T) {
	r := newRing(t)
	aad := Bind("a")
	if bytes.Equal(sealed(t, r, "hunter2", aad), sealed(t, r, "hunter2", aad)) {
		t.Error("sealing twice gives the same bytes")
	}
}

func TestRing_everyAlteredByteIsRefused(t *testing.T) {
	r := newRing(t)
	aad := Bind("integration", "7", "private-key")
	good := sealed(t, r, "hunter2", aad)
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		if plain, err := r.Open(bad, aad); err == nil {
			t.Fatalf("byte %d altered: opens as %q", i, plain)
		}
		if _, err := r.Open(good[:i], aad); err == nil {
			t.Fatalf("cut at byte %d: opens", i)
		}
	}
}

func TestRing_otherPlaceIsRefused(t *testing.T) {
	r := newRing(t)
	s := sealed(t, r, "hunter2", Bind("integration", "7", "private-key"))
	for _, other := range [][]byte{Bind("integration", "8", "private-key"), Bind("integration", "7p", "rivate-key"), nil} {
		_, err := r.Open(s, other)
		if mainstay.KindOf(err) != mainstay.Internal {
			t.Errorf("Open for place %q: %v", other, err)
		}
	}
	if _, err := r.Seal([]byte("x"), nil); err == nil {
		t.Error("a secret without a place can be sealed")
	}
}

func TestBind_isUnambiguous(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.StringOf(rapid.RuneFrom([]rune{'a', 0, 1, 2})), 1, 4)
		a, b := parts.Draw(t, "a"), parts.Draw(t, "b")
		if same := fmt.Sprintf("%q", a) == fmt.Sprintf("%q", b); same != bytes.Equal(Bind(a...), Bind(b...)) {
			t.Fatalf("Bind(%q) and Bind(%q)", a, b)
		}
	})
}

func TestRing_wrongKeySaysWhatToDo(t *testing.T) {
	aad := Bind("a")
	owner := newRing(t)
	_, err := newRing(t).Open(sealed(t, owner, "hunter2", aad), aad)
	want := fmt.Sprintf("%08x", owner.Primary())
	if mainstay.KindOf(err) != mainstay.Unavailable || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "Put back the key file") {
		t.Errorf("the error of a wrong key is %v", err)
	}
}

func TestRing_rotation(t *testing.T) {
	aad := Bind("a")
	old := newRing(t)
	s := sealed(t, old, "hunter2", aad)
	r, err := old.Rotated()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.Open(s, aad); err != nil || string(got) != "hunter2" {
		t.Fatalf("after rotation the old secret opens as %q, %v", got, err)
	}
	if r.Primary() == old.Primary() || len(r.IDs()) != 2 || len(old.IDs()) != 1 {
		t.Errorf("rotation gives %s from %s", r, old)
	}
	if !r.Stale(s) || old.Stale(s) {
		t.Error("Stale does not tell the old secret from a new one")
	}
	anew, err := r.Reseal(s, aad)
	if err != nil || r.Stale(anew) {
		t.Fatalf("Reseal: stale %v, %v", r.Stale(anew), err)
	}
	lean, err := r.Without(old.Primary())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := lean.Open(anew, aad); err != nil || string(got) != "hunter2" {
		t.Errorf("without the old key the new secret opens as %q, %v", got, err)
	}
	if _, err := lean.Open(s, aad); mainstay.KindOf(err) != mainstay.Unavailable {
		t.Errorf("without the old key the old secret gives %v", err)
	}
	if _, err := r.Without(r.Primary()); err == nil {
		t.Error("the primary key can be removed")
	}
	if _, err := r.Without(1); mainstay.KindOf(err) != mainstay.NotFound {
		t.Errorf("removing an unknown key: %v", err)
	}
}

func TestRing_printsNoKey(t *testing.T) {
	r := newRing(t)
	raw, err := r.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	_, value, _ := strings.Cut(string(raw), `"value":"`)
	value, _, _ = strings.Cut(value, `"`)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if out := fmt.Sprintf(verb, r); value == "" || strings.Contains(out, value) {
			t.Errorf("%s prints %s", verb, out)
		}
	}
}

func FuzzRing_Open(f *testing.F) {
	r := newRing(f)
	aad := Bind("integration", "7")
	good := sealed(f, r, "hunter2", aad)
	f.Add(good)
	f.Add([]byte{})
	f.Add(good[:9])
	f.Fuzz(func(t *testing.T, s []byte) {
		if plain, err := r.Open(s, aad); err == nil && !bytes.Equal(s, good) {
			t.Fatalf("%x opens as %q", s, plain)
		}
	})
}

func FuzzParse(f *testing.F) {
	raw, err := newRing(f).Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"primaryKeyId":1,"key":[{}]}`))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if r, err := Parse(raw); err == nil {
			aad := Bind("a")
			s, err := r.Seal([]byte("x"), aad)
			if err != nil {
				return // a well-formed ring may still hold a key that the cipher refuses
			}
			if _, err := r.Open(s, aad); err != nil {
				t.Fatalf("a parsed ring does not open what it sealed: %v", err)
			}
		}
	})
}
