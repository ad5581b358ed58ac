// Package journey walks the whole road of the product as people and scripts
// walk it: the real binary on both databases, clicked through in a real browser
// and called on the command line, against a simulated PSA whose writes are
// counted. It holds tests only.
//
// With -pictures DIR the walk also writes the pictures of the documentation.
package journey
