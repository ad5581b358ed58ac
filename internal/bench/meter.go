package bench

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// meter watches one work at a time.
type meter struct {
	mu      sync.Mutex
	longest time.Duration
}

// commit is told of each writing transaction.
func (m *meter) commit(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.longest = max(m.longest, d)
}

// reader is a read that somebody does while a work goes on.
type reader func(context.Context) error

// readerPause is how long a reader waits between two reads: a busy page, not a flood.
const readerPause = 5 * time.Millisecond

// measure runs a work and fills in its time, memory, longest transaction and,
// where read is not nil, how long a reader had to wait meanwhile.
func (m *meter) measure(ctx context.Context, res *Result, p *psa, read reader, work func() error) error {
	settleMemory()
	m.mu.Lock()
	m.longest = 0
	m.mu.Unlock()
	psaBefore, cpuBefore := p.spent, cpuTime()
	watched, stop := context.WithCancel(ctx)
	var wait sync.WaitGroup
	var heap uint64
	var reads []time.Duration
	var readErr error
	wait.Go(func() { heap = watchHeap(watched) })
	if read != nil {
		wait.Go(func() { reads, readErr = keepReading(watched, read) })
	}
	began := time.Now()
	err := work()
	took := time.Since(began)
	cpu := cpuTime() - cpuBefore
	stop()
	wait.Wait()
	if err == nil {
		err = readErr
	}
	res.PSA = (p.spent - psaBefore).Seconds()
	res.Seconds = took.Seconds() - res.PSA
	res.CPU = cpu.Seconds() - res.PSA
	res.HeapMiB = float64(heap) / (1 << 20)
	res.ResidentMiB = residentHigh()
	res.LongestMS = milliseconds(m.longest)
	res.reads(reads)
	return err
}

// reads keeps how long reads took.
func (r *Result) reads(took []time.Duration) {
	if r.Reads = len(took); r.Reads == 0 {
		return
	}
	slices.Sort(took)
	r.ReadP50MS = milliseconds(took[len(took)/2])
	r.ReadP99MS = milliseconds(took[len(took)*99/100])
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func keepReading(ctx context.Context, read reader) ([]time.Duration, error) {
	var took []time.Duration
	for ctx.Err() == nil {
		began := time.Now()
		if err := read(context.WithoutCancel(ctx)); err != nil {
			return took, err
		}
		took = append(took, time.Since(began))
		time.Sleep(readerPause)
	}
	return took, nil
}

// watchHeap returns the largest Go heap that it saw, in bytes.
func watchHeap(ctx context.Context) uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	high := uint64(0)
	for {
		metrics.Read(sample)
		high = max(high, sample[0].Value.Uint64())
		select {
		case <-ctx.Done():
			return high
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// settleMemory gives unused memory back and starts a new high-water mark, so
// that a work answers for its own memory only.
func settleMemory() {
	runtime.GC()
	debug.FreeOSMemory()
	os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200) //nolint:errcheck // where it can't be reset the mark is that of the whole process, which is never too low
}

// residentHigh is the high-water mark of the process in MiB; 0 where the system
// does not tell.
func residentHigh() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(status) {
		if rest, ok := bytes.CutPrefix(line, []byte("VmHWM:")); ok {
			kib, err := strconv.Atoi(string(bytes.Fields(rest)[0]))
			if err != nil {
				return 0
			}
			return float64(kib) / 1024
		}
	}
	return 0
}

// cpuTime is the processor time of this process; a PostgreSQL server has its own.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
