// Package seal encrypts the secrets that the database keeps. Each secret gets a
// data key of its own; the key ring in the key file wraps the data keys. The
// key file lives outside the database, so a copy of the database alone reveals
// nothing. Every sealed secret is bound to the place it belongs to and does not
// open anywhere else.
package seal

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"mainstay"
)

// Ring is a set of keys: the primary one seals, all of them open. It is safe
// for concurrent use and never changes; rotating gives a new Ring.
type Ring struct {
	handle *keyset.Handle
	ids    []uint32
	first  uint32
	aead   tink.AEAD
}

// New returns a ring with one fresh key.
func New() (*Ring, error) {
	h, err := keyset.NewHandle(aead.XChaCha20Poly1305KeyTemplate())
	if err != nil {
		return nil, mainstay.Wrap(mainstay.Internal, err, "A key couldn't be made.")
	}
	return ringOf(h)
}

func ringOf(h *keyset.Handle) (*Ring, error) {
	wrap, err := aead.New(h)
	if err != nil {
		return nil, mainstay.Wrap(mainstay.Invalid, err, "The key ring has keys of a sort that isn't used here.")
	}
	info := h.KeysetInfo()
	r := &Ring{handle: h, first: info.GetPrimaryKeyId(), aead: aead.NewKMSEnvelopeAEAD2(aead.AES256GCMKeyTemplate(), wrap)}
	for _, k := range info.GetKeyInfo() {
		r.ids = append(r.ids, k.GetKeyId())
	}
	return r, nil
}

// Primary returns the id of the key that seals.
func (r *Ring) Primary() uint32 { return r.first }

// IDs returns the ids of all keys, the oldest first.
func (r *Ring) IDs() []uint32 { return slices.Clone(r.ids) }

// String names the keys without revealing them.
func (r *Ring) String() string {
	return fmt.Sprintf("key ring of %d keys, primary %08x", len(r.ids), r.first)
}

// GoString is String, so that no verb of fmt prints a key.
func (r *Ring) GoString() string { return r.String() }

// Bind makes the associated data of a secret from the names of its place, such
// as table, record id and field. Different names never give the same bytes.
func Bind(place ...string) []byte {
	var b []byte
	for _, p := range place {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	return b
}

// Seal encrypts plain for the place that aad names; see Bind. The same aad
// opens it again. An empty aad is an error, for such a secret could be moved.
func (r *Ring) Seal(plain, aad []byte) ([]byte, error) {
	if len(aad) == 0 {
		return nil, mainstay.Errorf(mainstay.Internal, "A secret must be bound to its place.")
	}
	out, err := r.aead.Encrypt(plain, aad)
	if err != nil {
		return nil, mainstay.Wrap(mainstay.Internal, err, "The secret couldn't be sealed.")
	}
	return out, nil
}

// Open decrypts what Seal made with the same aad. An Unavailable error says
// that the key ring lacks the key; an Internal one that the secret was altered,
// or moved from another place.
func (r *Ring) Open(sealed, aad []byte) ([]byte, error) {
	id, ok := KeyID(sealed)
	if !ok {
		return nil, mainstay.Errorf(mainstay.Internal, "This is no sealed secret.")
	}
	if !slices.Contains(r.ids, id) {
		return nil, mainstay.Errorf(mainstay.Unavailable,
			"This secret was sealed with key %08x, which the key file doesn't have. Put back the key file that belongs to this database, or enter the secret again.", id)
	}
	plain, err := r.aead.Decrypt(sealed, aad)
	if err != nil {
		return nil, mainstay.Wrap(mainstay.Internal, err,
			"This secret was altered or belongs to another record. Enter it again.")
	}
	return plain, nil
}

// Stale reports whether sealed should be sealed anew because another key than
// the primary one wraps it.
func (r *Ring) Stale(sealed []byte) bool {
	id, ok := KeyID(sealed)
	return !ok || id != r.first
}

// Reseal opens a secret and seals it for the same place with the primary key.
func (r *Ring) Reseal(sealed, aad []byte) ([]byte, error) {
	plain, err := r.Open(sealed, aad)
	if err != nil {
		return nil, err
	}
	return r.Seal(plain, aad)
}

// The head of a sealed secret: the length of the wrapped data key, then the
// version mark and the id of the key that wraps it.
const (
	lengthBytes = 4
	markBytes   = 1
	idBytes     = 4
	keyMark     = 1
)

// KeyID returns the id of the key that sealed a secret, and false where the
// bytes do not have the form of one.
func KeyID(sealed []byte) (uint32, bool) {
	if len(sealed) < lengthBytes+markBytes+idBytes || sealed[lengthBytes] != keyMark {
		return 0, false
	}
	return binary.BigEndian.Uint32(sealed[lengthBytes+markBytes:]), true
}

// Rotated returns a ring with one more key, which is the primary one. What the
// older keys sealed still opens.
func (r *Ring) Rotated() (*Ring, error) {
	m := keyset.NewManagerFromHandle(r.handle)
	id, err := m.Add(aead.XChaCha20Poly1305KeyTemplate())
	if err != nil {
		return nil, mainstay.Wrap(mainstay.Internal, err, "A key couldn't be made.")
	}
	if err := m.SetPrimary(id); err != nil {
		return nil, mainstay.Wrap(mainstay.Internal, err, "The new key couldn't be made the primary one.")
	}
	return handleOf(m)
}

// Without returns a ring that lacks a key. Only call it after every secret was
// sealed anew: what the key sealed never opens again. The primary key stays.
func (r *Ring) Without(id uint32) (*Ring, error) {
	if id == r.first {
		return nil, mainstay.Errorf(mainstay.Invalid, "Key %08x is the primary one. Rotate first.", id)
	}
	if !slices.Contains(r.ids, id) {
		return nil, mainstay.Errorf(mainstay.NotFound, "There is no key %08x in this key ring.", id)
	}
	m := keyset.NewManagerFromHandle(r.handle)
	if err := m.Delete(id); err != nil {
		return nil, mainstay.Wrap(mainstay.Internal, err, "Key %08x couldn't be removed.", id)
	}
	return handleOf(m)
}

func handleOf(m *keyset.Manager) (*Ring, error) {
	h, err := m.Handle()
	if err != nil {
		return nil, mainstay.Wrap(mainstay.Internal, err, "The key ring couldn't be put together.")
	}
	return ringOf(h)
}
