package bundle

import (
	"strings"

	"filippo.io/age"

	"mainstay"
)

// ParseRecipients reads age public keys, one per line (age1…).
func ParseRecipients(text string) ([]age.Recipient, error) {
	rs, err := age.ParseRecipients(strings.NewReader(text))
	if err != nil {
		// The parser's error repeats the line, which may be a private key.
		return nil, mainstay.Errorf(mainstay.Invalid, "This is no age public key. It starts with age1.")
	}
	return rs, nil
}

// ParseIdentities reads age private keys, one per line (AGE-SECRET-KEY-1…), as
// in the file that age-keygen writes.
func ParseIdentities(text string) ([]age.Identity, error) {
	ids, err := age.ParseIdentities(strings.NewReader(text))
	if err != nil {
		return nil, mainstay.Errorf(mainstay.Invalid, "This is no age private key. It starts with AGE-SECRET-KEY-1.")
	}
	return ids, nil
}

// minPassphrase is the shortest passphrase for a file that may lie anywhere, in
// bytes.
const minPassphrase = 12

// passphraseWork is the cost of trying one passphrase, as a power of two: about
// a second. A file that asks for more than maxWork is refused.
const (
	passphraseWork = 18
	maxWork        = 20
)

// Passphrase turns a passphrase into both halves of a key. It can't be combined
// with other recipients.
func Passphrase(text string) (age.Recipient, age.Identity, error) {
	if len(text) < minPassphrase {
		return nil, nil, mainstay.Errorf(mainstay.Invalid, "A passphrase for a backup has %d characters or more.", minPassphrase)
	}
	r, err := age.NewScryptRecipient(text)
	if err != nil {
		return nil, nil, err
	}
	i, err := age.NewScryptIdentity(text)
	if err != nil {
		return nil, nil, err
	}
	r.SetWorkFactor(passphraseWork)
	i.SetMaxWorkFactor(maxWork)
	return r, i, nil
}

// ageMagic begins every age file.
const ageMagic = "age-encryption.org/v1\n"
