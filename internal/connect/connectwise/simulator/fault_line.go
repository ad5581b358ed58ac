package simulator

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// bomb is how much a gzip bomb unpacks to, in bytes.
const bomb = 8 << 30

// spoilLine commits the faults that need the connection itself, and reports
// whether the answer is done with.
func (s *Simulator) spoilLine(w http.ResponseWriter, r *http.Request, a *answer, f Fault) bool {
	switch f.ID {
	case "F02":
		<-r.Context().Done()
		return true
	case "F05", "F38":
		return reset(w, nil)
	case "F06":
		return reset(w, raw(a, len(a.body), a.body[:len(a.body)/2]))
	case "F07":
		n := f.N
		if n <= 0 || n > len(a.body) {
			n = len(a.body) / 2
		}
		return hangUp(w, raw(a, -1, a.body[:n]))
	case "F08":
		if f.Variant == "short" {
			return hangUp(w, raw(a, len(a.body)/2, a.body))
		}
		return hangUp(w, raw(a, len(a.body)+100, a.body))
	case "F09":
		drip(w, r, a, f.Every)
		return true
	case "F10":
		endless(w, r)
		return true
	case "F11":
		explode(w, r)
		return true
	case "F12":
		a.header.Set("Connection", "close")
	}
	return false
}

// raw writes an answer by hand. A length below 0 leaves Content-Length out, so
// the end of the connection is the end of the body.
func raw(a *answer, length int, body []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\nConnection: close\r\n", a.status, http.StatusText(a.status))
	if length >= 0 {
		a.header.Set("Content-Length", strconv.Itoa(length))
	}
	_ = a.header.Write(&b)
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes()
}

// seize takes the connection over; nil where it cannot be, as over HTTP/2.
func seize(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter) {
	h, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	conn, buf, err := h.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return conn, buf
}

// reset writes bytes and then breaks the connection off.
func reset(w http.ResponseWriter, b []byte) bool {
	conn, buf := seize(w)
	_, _ = buf.Write(b)
	_ = buf.Flush()
	if tcp, ok := conn.(*net.TCPConn); ok {
		if len(b) > 0 {
			// What was written shall arrive before the reset does.
			time.Sleep(20 * time.Millisecond)
		}
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
	return true
}

// hangUp writes bytes and closes the connection in good order.
func hangUp(w http.ResponseWriter, b []byte) bool {
	conn, buf := seize(w)
	_, _ = buf.Write(b)
	_ = buf.Flush()
	_ = conn.Close()
	return true
}

func drip(w http.ResponseWriter, r *http.Request, a *answer, every time.Duration) {
	if every <= 0 {
		every = time.Second
	}
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.WriteHeader(a.status)
	t := time.NewTicker(every)
	defer t.Stop()
	for i := range a.body {
		if _, err := w.Write(a.body[i : i+1]); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
			return
		case <-t.C:
		}
	}
}

func endless(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte("["))
	chunk := bytes.Repeat([]byte(`{"id":1,"name":"again"},`), 4_000)
	for r.Context().Err() == nil {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

func explode(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	_, _ = z.Write([]byte("["))
	spaces := bytes.Repeat([]byte(" "), 1<<20)
	for range bomb / len(spaces) {
		if _, err := z.Write(spaces); err != nil || r.Context().Err() != nil {
			return
		}
	}
	_, _ = z.Write([]byte("]"))
	_ = z.Close()
}
