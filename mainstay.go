// Package mainstay holds the nouns of the product and their rules: kinds,
// items, sync states, integrations, runs, plans, people and errors. It imports
// the standard library only and does no I/O; every other package builds on it.
package mainstay

import "time"

// Time is a moment in microseconds since the Unix epoch, UTC: the form in which
// both databases keep it. Zero means "never".
type Time int64

// TimeOf returns t in the form the databases keep.
func TimeOf(t time.Time) Time {
	if t.IsZero() {
		return 0
	}
	return Time(t.UnixMicro())
}

// Std returns t as a time.Time in UTC; the zero Time gives the zero time.Time.
func (t Time) Std() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(t)).UTC()
}

// Add returns t moved by d.
func (t Time) Add(d time.Duration) Time { return t + Time(d.Microseconds()) }

// Sub returns the duration from u to t.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t-u) * time.Microsecond }

// IsZero reports whether t stands for "never".
func (t Time) IsZero() bool { return t == 0 }
