package connectwise_test

import (
	"testing"

	"mainstay/internal/connect"
	"mainstay/internal/connect/connectwise/simulator"
)

// BenchmarkPull reads everything of a PSA of the default size, over HTTP.
func BenchmarkPull(b *testing.B) {
	_, server := start(b, simulator.Config{Seed: 1, Size: simulator.Default()})
	client := connect.NewClient(connect.ClientConfig{AllowLoopback: true, RatePerSecond: -1})
	c := connectTo(b, server, client)
	for b.Loop() {
		n := 0
		for _, s := range c.Streams() {
			for cursor := ""; ; {
				p, err := c.Pull(b.Context(), s, cursor)
				if err != nil {
					b.Fatal(err)
				}
				n += len(p.Records)
				if p.Last {
					break
				}
				cursor = p.Next
			}
		}
		b.ReportMetric(float64(n), "records")
	}
}
