package connectortest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// Seen is a request that reached the fake.
type Seen struct {
	Method, URL string
	Header      http.Header
	Body        []byte
}

// Outside is every server of the world at once: whatever host an action calls, this answers. Answer may be changed
// between calls.
type Outside struct {
	mu       sync.Mutex
	answer   http.HandlerFunc
	requests []Seen
	plain    *httptest.Server
	tls      *httptest.Server
	roots    *x509.CertPool
	// Mail is every mail server.
	Mail *SMTP
}

// NewOutside starts one; it stops with the test.
func NewOutside(t testing.TB) *Outside {
	t.Helper()
	o := &Outside{roots: x509.NewCertPool()}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	o.plain = httptest.NewServer(http.HandlerFunc(o.serve))
	o.tls = httptest.NewUnstartedServer(http.HandlerFunc(o.serve))
	ca := certificate(t, key, nil, "fake authority")
	o.roots.AddCert(ca)
	o.tls.TLS = &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		leaf := certificate(t, key, ca, hello.ServerName)
		return &tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key}, nil
	}}
	o.Mail = newSMTP(t, o.tls.TLS.Clone())
	o.tls.StartTLS()
	t.Cleanup(func() {
		o.plain.CloseClientConnections()
		o.tls.CloseClientConnections()
		o.plain.Close()
		o.tls.Close()
	})
	return o
}

// certificate makes one for a host, signed by ca, or an authority's own when ca is nil.
func certificate(t testing.TB, key *ecdsa.PrivateKey, ca *x509.Certificate, host string) *x509.Certificate {
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: ca == nil, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	parent := ca
	if ca == nil {
		parent = tmpl
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, &key.PublicKey, key)
	if err != nil {
		t.Error(err)
		return tmpl
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Error(err)
		return tmpl
	}
	return cert
}

// Answer sets what happens to requests from now on, and forgets those seen.
func (o *Outside) Answer(h http.HandlerFunc) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answer, o.requests = h, nil
}

// Requests are those seen since the last Answer.
func (o *Outside) Requests() []Seen {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]Seen(nil), o.requests...)
}

// Exits reach this outside and nothing else. The SSRF guard is not asked.
func (o *Outside) Exits(secrets connectors.Secrets, m connectors.Messenger) connectors.Exits {
	return connectors.Exits{Secrets: secrets, Messenger: m, Roots: o.roots,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			target := o.plain
			switch _, port, _ := net.SplitHostPort(address); port {
			case "443":
				target = o.tls
			case "25", "465", "587":
				return o.Mail.dial(ctx, port == "465")
			}
			return (&net.Dialer{}).DialContext(ctx, "tcp", target.Listener.Addr().String())
		}}
}

func (o *Outside) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // a request that breaks off is seen as far as it came
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	o.mu.Lock()
	o.requests = append(o.requests, Seen{r.Method, scheme + r.Host + r.RequestURI, r.Header.Clone(), body})
	h := o.answer
	o.mu.Unlock()
	if h == nil {
		w.WriteHeader(http.StatusNotImplemented)
		return
	}
	h(w, r)
}

// Secrets is a store of credentials in memory. Err, when set, is what Open gives instead.
type Secrets struct {
	List []engine.Credential
	Err  error
}

// Open finds a credential by name.
func (s Secrets) Open(_ context.Context, name string) (engine.Credential, error) {
	if s.Err != nil {
		return engine.Credential{}, s.Err
	}
	for _, c := range s.List {
		if c.Name == name {
			return c, nil
		}
	}
	return engine.Credential{}, engine.E(engine.NotFound, "No secret is called {name}", "name", name)
}
