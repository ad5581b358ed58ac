package connect

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// statusError is the cause of a failure that a status code tells.
type statusError int

// Error names the status.
func (s statusError) Error() string { return fmt.Sprintf("status %d", int(s)) }

// firstPause is the longest pause before the first retry; each later one doubles.
const firstPause = 500 * time.Millisecond

// earned is the share of a retry that one success earns back.
const earned = 0.2

// spend takes one retry from the budget and reports whether there was one.
func (c *Client) spend() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.budget < 1 {
		return false
	}
	c.budget--
	return true
}

// earn gives back a part of a retry after a success.
func (c *Client) earn() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.budget = min(c.budget+earned, float64(c.cfg.RetryBudget))
}

// pause returns how long to wait before trying again: what the server asked
// for plus a little jitter, else an exponential step between its half and its whole.
func (c *Client) pause(try int, after time.Duration) time.Duration {
	if after >= 0 {
		return min(after+time.Duration(c.cfg.Rand()*float64(firstPause)/2), c.cfg.MaxWait)
	}
	step := min(firstPause<<min(try, 20), c.cfg.MaxWait)
	return step/2 + time.Duration(c.cfg.Rand()*float64(step)/2)
}

// retryAfter reads Retry-After, in seconds or as an HTTP date, and brings it
// between 0 and MaxWait. It returns -1 where the header is absent or unreadable.
func (c *Client) retryAfter(h http.Header) time.Duration {
	s := strings.TrimSpace(h.Get("Retry-After"))
	if s == "" {
		return -1
	}
	var d time.Duration
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		if n != n {
			return -1
		}
		d = time.Duration(min(max(n, 0), c.cfg.MaxWait.Seconds()) * float64(time.Second))
	} else if at, err := http.ParseTime(s); err == nil {
		d = at.Sub(c.cfg.Now())
	} else {
		return -1
	}
	return min(max(d, 0), c.cfg.MaxWait)
}
