package auth

import (
	"context"
	"errors"
	"math"
	"net/netip"
	"time"

	"mainstay"
	"mainstay/internal/store"
)

// limit says how many failures of a name cost no wait and how long the wait
// grows. The wait doubles with each further failure and never exceeds longest,
// so a limit slows down and never locks out.
type limit struct {
	free    int
	longest time.Duration
}

func accountLimit() limit { return limit{free: 5, longest: 15 * time.Minute} }

// addressLimit is wide, for many people may share an address.
func addressLimit() limit { return limit{free: 20, longest: time.Minute} }

// forgetAfter is how long a failure counts.
const forgetAfter = 24 * time.Hour

// wait is how long after its latest failure a name must wait after n failures.
func (l limit) wait(n int) time.Duration {
	if n < l.free {
		return 0
	}
	return min(time.Duration(math.Pow(2, float64(min(n-l.free, 40))))*time.Second, l.longest)
}

// try is one attempt to sign in, counted as a failure before it is made, so
// that many at the same moment are not more tries than one after the other.
type try struct {
	names []counted
}

type counted struct {
	name  string
	limit limit
	last  mainstay.Time // when it failed before this try
}

func newTry(account, address string) *try {
	t := &try{names: []counted{{name: "account " + fingerprint(mainstay.SearchKey(account)), limit: accountLimit()}}}
	if address != "" {
		t.names = append(t.names, counted{name: "address " + network(address), limit: addressLimit()})
	}
	return t
}

// network is what counts as one address: of IPv6 the first 64 bits, for one
// line has them all.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return fingerprint(address)
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a.String()
	}
	return p.String()
}

// errRaced says that another try of the same name came in between.
var errRaced = errors.New("another try to sign in came in between")

// raceTries is how often a try that was overtaken starts again.
const raceTries = 20

// begin counts the try, or refuses it with RateLimited where its names must
// wait. A refused try is not counted.
func (y *try) begin(ctx context.Context, s *store.Store) error {
	for n := 1; ; n++ {
		err := s.Write(ctx, func(t *store.Tx) error { return y.count(ctx, t) })
		if !errors.Is(err, errRaced) {
			return err
		}
		if n == raceTries {
			return tooMany(time.Second)
		}
	}
}

func (y *try) count(ctx context.Context, t *store.Tx) error {
	for i := range y.names {
		c := &y.names[i]
		n, last, err := t.SignInFailures(ctx, c.name)
		if err != nil {
			return err
		}
		if t.Now().Sub(last) > forgetAfter && n > 0 {
			if err := t.ForgetSignInFailures(ctx, c.name); err != nil {
				return err
			}
			n, last = 0, 0
		}
		if left := last.Add(c.limit.wait(n)).Sub(t.Now()); n > 0 && left > 0 {
			return tooMany(left)
		}
		c.last = last
		if err := t.AddSignInFailure(ctx, c.name); err != nil {
			return err
		}
		// The write waited for any other transaction with the same name, so a
		// count that jumped says that what was read above is out of date.
		after, _, err := t.SignInFailures(ctx, c.name)
		if err != nil {
			return err
		}
		if after != n+1 {
			return errRaced
		}
	}
	return nil
}

func tooMany(wait time.Duration) error {
	if wait <= time.Minute {
		return mainstay.Errorf(mainstay.RateLimited, "Too many tries to sign in. Wait %d seconds and try again.", int(math.Ceil(wait.Seconds())))
	}
	return mainstay.Errorf(mainstay.RateLimited, "Too many tries to sign in. Wait %d minutes and try again.", int(math.Ceil(wait.Minutes())))
}

// succeed takes the count back: the account starts anew, while the address
// only loses this try, so that one good account does not pay for guesses at others.
func (y *try) succeed(ctx context.Context, t *store.Tx) error {
	for i, c := range y.names {
		var err error
		if i == 0 {
			err = t.ForgetSignInFailures(ctx, c.name)
		} else {
			err = t.TakeBackSignInFailure(ctx, c.name, c.last)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
