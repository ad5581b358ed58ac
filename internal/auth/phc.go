package auth

import (
	"encoding/base64"
	"fmt"
	"strings"

	"mainstay"
)

// Params say how much an attacker pays per guess.
type Params struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// DefaultParams are those of new hashes: 64 MiB, three passes, one thread.
func DefaultParams() Params { return Params{Memory: 64 * 1024, Time: 3, Threads: 1} }

// FloorParams are the weakest that are accepted, anywhere.
func FloorParams() Params { return Params{Memory: 19 * 1024, Time: 2, Threads: 1} }

// The largest parameters of a stored hash: what a restored database says must
// not be able to exhaust the machine.
const (
	maxMemory  = 1024 * 1024
	maxTime    = 16
	maxThreads = 16
)

func (p Params) check() error {
	f := FloorParams()
	if p.Memory < f.Memory || p.Time < f.Time || p.Threads < 1 || p.Memory > maxMemory || p.Time > maxTime || p.Threads > maxThreads {
		return mainstay.Errorf(mainstay.Internal, "argon2id with m=%d,t=%d,p=%d is out of the range that is accepted", p.Memory, p.Time, p.Threads)
	}
	return nil
}

// weaker reports whether guessing against p is cheaper than against q.
func (p Params) weaker(q Params) bool { return p.Memory < q.Memory || p.Time < q.Time }

// hash is a password's hash with what made it.
type hash struct {
	Params
	salt, key []byte
}

const (
	saltBytes = 16
	keyBytes  = 32
	// argonVersion is 1.3, the only one that x/crypto makes.
	argonVersion = 19
)

// String writes the hash in PHC form: $argon2id$v=19$m=65536,t=3,p=1$salt$key.
func (h hash) String() string {
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argonVersion, h.Memory, h.Time, h.Threads, enc.EncodeToString(h.salt), enc.EncodeToString(h.key))
}

// parseHash reads what hash.String writes. Anything else is an error, and so
// are parameters out of range.
func parseHash(s string) (hash, error) {
	var h hash
	bad := mainstay.Errorf(mainstay.Internal, "a stored password is no argon2id hash in PHC form")
	part := strings.Split(s, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argonVersion) {
		return h, bad
	}
	if n, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &h.Memory, &h.Time, &h.Threads); err != nil || n != 3 {
		return h, bad
	}
	var err error
	if h.salt, err = base64.RawStdEncoding.Strict().DecodeString(part[4]); err != nil || len(h.salt) < 8 || len(h.salt) > 64 {
		return h, bad
	}
	if h.key, err = base64.RawStdEncoding.Strict().DecodeString(part[5]); err != nil || len(h.key) < 16 || len(h.key) > 64 {
		return h, bad
	}
	if h.String() != s {
		return h, bad
	}
	return h, h.check()
}
