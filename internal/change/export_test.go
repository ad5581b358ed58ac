package change

// Point is a place in the work on a plan where it may be interrupted.
type Point = point

// The points.
const (
	AtTaken    = atTaken
	AtBackup   = atBackup
	AtBackedUp = atBackedUp
	AtRunning  = atRunning
	AtEffect   = atEffect
	AtChunk    = atChunk
	AtLast     = atLast
	AtFrozen   = atFrozen
)

// Watch lets chunks have one size and tells fn of each point that a plan passes.
// At AtEffect and AtLast a transaction is open.
func (c *Changes) Watch(size int, fn func(Point)) {
	c.chunks = chunkSizes{size, size, size, size}
	c.reached = fn
}
