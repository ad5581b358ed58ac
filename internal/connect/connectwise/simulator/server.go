package simulator

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"sync"
	"time"
)

// Certificate says what is wrong with a server's certificate.
type Certificate int

// The certificates.
const (
	Plain   Certificate = iota // no TLS at all
	Valid                      // valid for 127.0.0.1, from an authority in Server.Roots
	BadName                    // for another host (F03)
	Expired                    // ended yesterday (F04)
	ValidH2                    // Valid, with HTTP/2
)

// Server serves a simulator on a loopback port that can go down and come up
// again at the same address.
type Server struct {
	handler http.Handler
	tls     *tls.Config
	scheme  string

	mu      sync.Mutex
	address string
	listen  net.Listener
	server  *http.Server
	hanging net.Listener
	held    []net.Conn

	// Roots is the authority that signed the certificate, for TLS.
	Roots *x509.CertPool
}

// Start serves h on a free loopback port.
func Start(h http.Handler) (*Server, error) { return StartTLS(h, Plain) }

// StartTLS serves h with the given kind of certificate.
func StartTLS(h http.Handler, kind Certificate) (*Server, error) {
	return StartAt(h, "127.0.0.1:0", kind)
}

// StartAt serves h on a loopback address.
func StartAt(h http.Handler, address string, kind Certificate) (*Server, error) {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return nil, errors.New("the simulator serves on a loopback address only, such as 127.0.0.1:0")
	}
	s := &Server{handler: h, scheme: "http", address: address}
	if kind != Plain {
		s.scheme = "https"
		if err := s.certify(kind); err != nil {
			return nil, err
		}
	}
	return s, s.Up()
}

// URL is the address of the server, without a slash at the end.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.scheme + "://" + s.address
}

// Up serves again after Down or Hang, at the same address.
func (s *Server) Up() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release()
	if s.server != nil {
		return nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", s.address)
	if err != nil {
		return err
	}
	s.address, s.listen = l.Addr().String(), l
	s.server = &http.Server{Handler: s.handler, ReadHeaderTimeout: 10 * time.Second, TLSConfig: s.tls, ErrorLog: log.New(io.Discard, "", 0)}
	if s.tls != nil && len(s.tls.NextProtos) == 0 {
		s.server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
	}
	go func(server *http.Server) {
		if s.tls != nil {
			_ = server.ServeTLS(l, "", "")
			return
		}
		_ = server.Serve(l)
	}(s.server)
	return nil
}

// Down closes the port and every connection: new ones are refused (F01).
func (s *Server) Down() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release()
	s.stop()
}

// Hang takes connections and never says a word (F02).
func (s *Server) Hang() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", s.address)
	if err != nil {
		return err
	}
	s.hanging = l
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.held = append(s.held, conn)
			s.mu.Unlock()
		}
	}()
	return nil
}

// Close ends the server for good.
func (s *Server) Close() { s.Down() }

func (s *Server) stop() {
	if s.server != nil {
		_ = s.server.Close()
		s.server = nil
	}
}

func (s *Server) release() {
	if s.hanging != nil {
		_ = s.hanging.Close()
		s.hanging = nil
	}
	for _, c := range s.held {
		_ = c.Close()
	}
	s.held = nil
}

// certify makes an authority and a certificate of the given kind.
func (s *Server) certify(kind Certificate) error {
	now := time.Now()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Simulator authority"},
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Simulator"},
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	switch kind {
	case BadName:
		leaf.IPAddresses, leaf.DNSNames = nil, []string{"another.psa.example"}
	case Expired:
		leaf.NotAfter = now.AddDate(0, 0, -1)
	}
	signer, err := x509.CreateCertificate(rand.Reader, ca, ca, key.Public(), key)
	if err != nil {
		return err
	}
	parent, err := x509.ParseCertificate(signer)
	if err != nil {
		return err
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, parent, key.Public(), key)
	if err != nil {
		return err
	}
	s.Roots = x509.NewCertPool()
	s.Roots.AddCert(parent)
	s.tls = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{{Certificate: [][]byte{der, signer}, PrivateKey: key}}}
	if kind == ValidH2 {
		s.tls.NextProtos = []string{"h2", "http/1.1"}
	}
	return nil
}
