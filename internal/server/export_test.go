package server

import (
	"net/http"
	"time"
)

// SetRecheck shortens the time between two looks at the right of a stream.
func (s *Server) SetRecheck(d time.Duration) { s.recheck = d }

// MetricsHandler answers on the address of the metrics.
func (s *Server) MetricsHandler() http.Handler { return s.meter.handler(s.Log) }
