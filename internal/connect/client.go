package connect

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"crypto/x509"
	"net/netip"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"golang.org/x/time/rate"

	"mainstay"
)

// ClientConfig sets the limits of a Client. The zero value is safe for a PSA on
// the internet.
type ClientConfig struct {
	// AllowLoopback permits this machine itself, over http too: for the demo,
	// tests and benchmarks only.
	AllowLoopback bool
	// AllowNetworks lists inner networks that an operator opens for a PSA on
	// their own premises; https only.
	AllowNetworks []netip.Prefix
	// RatePerSecond paces the requests; 0 means 20, below 0 means unpaced.
	RatePerSecond float64
	// MaxBody is the largest answer in bytes after decompression; 0 means 64 MiB.
	MaxBody int64
	// Timeout limits one try, body included; 0 means 60 s.
	Timeout time.Duration
	// MaxRetries is how often one request is tried again; 0 means 4, below 0 never.
	MaxRetries int
	// RetryBudget is how many retries the client may spend before successes
	// earn new ones, so a storm ends; 0 means 40.
	RetryBudget int
	// MaxWait caps one pause, whatever Retry-After says; 0 means 60 s.
	MaxWait time.Duration
	// BreakerAfter is how many failed tries in a row stop all requests for
	// BreakerPause; 0 means 12 tries and 15 s.
	BreakerAfter int
	BreakerPause time.Duration
	// RootCAs replaces the system's certificate authorities.
	RootCAs *x509.CertPool
	// Now, Sleep and Rand stand in for the clock, the pause and a number in
	// [0,1) in tests.
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error
	Rand  func() float64
}

// Stats are the counts of a client since it was made.
type Stats struct {
	Requests int64 // tries sent, retries included
	Retries  int64
	Failures int64 // requests given up
	Bytes    int64 // of answers, after decompression
}

// Response is one complete answer.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Client is a connector's only way out: paced, retried, size-limited, and
// refused every address inside our own network. It is safe for concurrent use.
type Client struct {
	cfg     ClientConfig
	http    *http.Client
	limiter *rate.Limiter
	breaker circuitbreaker.CircuitBreaker[any]

	mu     sync.Mutex
	budget float64

	requests, retries, failures, bytes atomic.Int64
}

// NewClient makes a client with the limits of cfg.
func NewClient(cfg ClientConfig) *Client {
	cfg = cfg.withDefaults()
	c := &Client{cfg: cfg, budget: float64(cfg.RetryBudget)}
	limit, burst := rate.Limit(cfg.RatePerSecond), int(cfg.RatePerSecond)
	if cfg.RatePerSecond < 0 {
		limit = rate.Inf
	}
	c.limiter = rate.NewLimiter(limit, max(1, burst))
	c.breaker = circuitbreaker.NewBuilder[any]().
		WithFailureThreshold(uint(cfg.BreakerAfter)).
		WithDelay(cfg.BreakerPause).
		Build()
	c.http = &http.Client{Transport: newTransport(cfg), CheckRedirect: checkRedirect}
	return c
}

func (cfg ClientConfig) withDefaults() ClientConfig {
	if cfg.RatePerSecond == 0 {
		cfg.RatePerSecond = 20
	}
	if cfg.MaxBody <= 0 {
		cfg.MaxBody = 64 << 20
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = time.Minute
	}
	switch {
	case cfg.MaxRetries == 0:
		cfg.MaxRetries = 4
	case cfg.MaxRetries < 0:
		cfg.MaxRetries = 0
	}
	if cfg.RetryBudget <= 0 {
		cfg.RetryBudget = 40
	}
	if cfg.MaxWait <= 0 {
		cfg.MaxWait = time.Minute
	}
	if cfg.BreakerAfter <= 0 {
		cfg.BreakerAfter = 12
	}
	if cfg.BreakerPause <= 0 {
		cfg.BreakerPause = 15 * time.Second
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Sleep == nil {
		cfg.Sleep = sleep
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Float64
	}
	return cfg
}

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Stats returns the counts so far.
func (c *Client) Stats() Stats {
	return Stats{c.requests.Load(), c.retries.Load(), c.failures.Load(), c.bytes.Load()}
}

// Close drops idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Do sends a GET or HEAD and returns the whole answer, trying again after
// connection errors, truncated bodies, 429 and 5xx. Answers below 500 other
// than 429 are returned as they are; an answer of 2xx is returned only when it
// is complete JSON by its type and shape. A time-out is tried again once only,
// because asking for less is the better remedy; see TimedOut and TooLarge.
//
// Every failure is a *mainstay.Error: Invalid for an address that may not be
// asked, Unavailable for the rest. ctx ends the work at once with its own error.
func (c *Client) Do(ctx context.Context, req *http.Request) (*Response, error) {
	if err := c.checkRequest(req); err != nil {
		return nil, err
	}
	timeouts := 0
	for try := 0; ; try++ {
		resp, f := c.try(ctx, req)
		if f == nil {
			c.earn()
			return resp, nil
		}
		if err := ctx.Err(); err != nil {
			return nil, mainstay.Wrap(mainstay.Unavailable, err, "The request to %s was stopped.", req.URL.Host)
		}
		if f.timeout {
			timeouts++
		}
		if !f.again || try >= c.cfg.MaxRetries || timeouts > 1 || !c.spend() {
			c.failures.Add(1)
			return nil, f.err
		}
		c.retries.Add(1)
		if err := c.cfg.Sleep(ctx, c.pause(try, f.after)); err != nil {
			return nil, mainstay.Wrap(mainstay.Unavailable, err, "The request to %s was stopped.", req.URL.Host)
		}
	}
}

// failure is the outcome of one try that brought no usable answer.
type failure struct {
	err     *mainstay.Error
	again   bool          // worth another try
	timeout bool          // the try ran out of time
	after   time.Duration // the pause that the server asked for; below 0 for none
}

// try sends req once, after its turn has come.
func (c *Client) try(ctx context.Context, req *http.Request) (*Response, *failure) {
	now := c.cfg.Now()
	if wait := c.limiter.ReserveN(now, 1).DelayFrom(now); wait > 0 {
		if err := c.cfg.Sleep(ctx, wait); err != nil {
			return nil, c.fail(req, err, false)
		}
	}
	if !c.breaker.TryAcquirePermit() {
		return nil, &failure{err: mainstay.Wrap(mainstay.Unavailable, circuitbreaker.ErrOpen,
			"%s failed several times in a row, so it is left alone for a moment. Try again in a minute.", req.URL.Host)}
	}
	c.requests.Add(1)
	tctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	resp, err := c.http.Do(req.Clone(tctx)) //nolint:gosec // its dialer refuses addresses that are not allowed
	if err != nil {
		return nil, c.failed(req, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := readBody(resp, c.cfg.MaxBody)
	if err != nil {
		return nil, c.failed(req, err)
	}
	c.bytes.Add(int64(len(body)))
	return c.judge(req, &Response{resp.StatusCode, resp.Header, body})
}

// judge decides whether an answer can be handed on.
func (c *Client) judge(req *http.Request, r *Response) (*Response, *failure) {
	host := req.URL.Host
	switch {
	case r.Status == http.StatusTooManyRequests:
		c.breaker.RecordSuccess()
		return nil, &failure{again: true, after: c.retryAfter(r.Header), err: mainstay.Errorf(mainstay.Unavailable,
			"%s asked us to slow down and did not recover in time. Nothing was changed; the next sync goes on.", host)}
	case r.Status >= 500:
		c.breaker.RecordFailure()
		return nil, &failure{again: true, after: c.retryAfter(r.Header), err: mainstay.Wrap(mainstay.Unavailable,
			statusError(r.Status), "%s answered with error %d. Nothing was changed; try again later.", host, r.Status)}
	case r.Status >= 300 && r.Status < 400:
		c.breaker.RecordSuccess()
		return nil, &failure{err: mainstay.Wrap(mainstay.Unavailable, statusError(r.Status),
			"%s sent us to another address, which is not followed. Check the address of the PSA.", host)}
	case r.Status >= 400:
		c.breaker.RecordSuccess()
		return r, nil
	}
	if err := checkJSON(r); err != nil {
		c.breaker.RecordFailure()
		return nil, &failure{again: errors.Is(err, io.ErrUnexpectedEOF), after: -1,
			err: mainstay.Wrap(mainstay.Unavailable, err, "%s sent something that is no complete API answer. Nothing was changed. Check the address, or try again later.", host)}
	}
	c.breaker.RecordSuccess()
	return r, nil
}

// failed counts a broken exchange for the breaker and classes it.
func (c *Client) failed(req *http.Request, err error) *failure {
	c.breaker.RecordFailure()
	return c.fail(req, err, true)
}

func (c *Client) fail(req *http.Request, err error, again bool) *failure {
	host := req.URL.Host
	f := &failure{again: again, after: -1}
	var netErr net.Error
	switch {
	case errors.Is(err, errRefused):
		f.again = false
		f.err = mainstay.Wrap(mainstay.Invalid, cause(err), "The address %s leads into a private network, so it is not asked. Use the PSA's public address.", host)
	case errors.Is(err, errRedirect):
		f.again = false
		f.err = mainstay.Wrap(mainstay.Unavailable, errRedirect, "%s sent us to another address, which is not followed. Check the address of the PSA.", host)
	case errors.Is(err, errTooLarge):
		f.again = false
		f.err = mainstay.Wrap(mainstay.Unavailable, errTooLarge, "The answer of %s is larger than the limit of %d MiB.", host, c.cfg.MaxBody>>20)
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &netErr) && netErr.Timeout():
		f.timeout = true
		f.err = mainstay.Wrap(mainstay.Unavailable, context.DeadlineExceeded, "%s did not answer in time. Nothing was changed; try again later.", host)
	case isCertificateError(err):
		f.again = false
		f.err = mainstay.Wrap(mainstay.Unavailable, cause(err), "The certificate of %s is not valid for it, so no credentials were sent. Check the address and the certificate.", host)
	default:
		f.err = mainstay.Wrap(mainstay.Unavailable, cause(err), "%s could not be reached, or the connection broke. Nothing was changed; try again later.", host)
	}
	return f
}

// TimedOut reports whether err says that the PSA took too long to answer.
func TimedOut(err error) bool { return errors.Is(err, context.DeadlineExceeded) }

// TooLarge reports whether err says that an answer was over the size limit.
func TooLarge(err error) bool { return errors.Is(err, errTooLarge) }
