package mail_test

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/connectortest"
	"github.com/bretelle/bretelle/connectors/mail"
	"github.com/bretelle/bretelle/engine"
)

// A server that greets without end is given up before it fills the memory, and nothing counts as sent.
func TestEndlessGreeting(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	var sent atomic.Int64
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		for line := []byte(strings.Repeat("220-welcome\r\n", 4096)); sent.Load() < 200<<20; {
			n, err := c.Write(line)
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	}()
	cat, err := connectors.NewCatalog(mail.New())
	if err != nil {
		t.Fatal(err)
	}
	p := connectors.NewPerformer(cat, connectors.Exits{Secrets: connectortest.Secrets{List: []engine.Credential{
		{Name: "post", Origin: "smtp+insecure://" + l.Addr().String(), User: "bot@example.org", Value: engine.NewSecret("passw0rd")}}}})
	defer p.Close()
	r := p.Perform(context.Background(), task(`{"account":"post","to":"a@example.org","subject":"s","text":"t","allow_private":true}`))
	if r.Failure == nil || r.Failure.Class != engine.NotSent || sent.Load() > 50<<20 {
		t.Errorf("%+v after %d MiB", r.Failure, sent.Load()>>20)
	}
}
