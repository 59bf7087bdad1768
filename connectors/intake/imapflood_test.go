package intake_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/intake"
	"github.com/bretelle/bretelle/engine"
)

// endless is an IMAP server whose one mail never ends, whatever part of it was asked for. sent counts what it got rid of.
func endless(t *testing.T, sent *atomic.Int64) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	serve := func(c net.Conn) {
		defer func() { _ = c.Close() }()
		say := func(format string, args ...any) { _, _ = fmt.Fprintf(c, format+"\r\n", args...) } // whoever hung up is served no more
		say("* OK [CAPABILITY IMAP4rev1] hello")
		for in := bufio.NewScanner(c); in.Scan(); {
			tag, rest, _ := strings.Cut(in.Text(), " ")
			switch {
			case strings.HasPrefix(rest, "SELECT"), strings.HasPrefix(rest, "EXAMINE"):
				say("* 1 EXISTS\r\n* OK [UIDVALIDITY 7]\r\n* OK [UIDNEXT 2]\r\n%s OK done", tag)
			case strings.Contains(rest, "RFC822.SIZE"):
				say("* 1 FETCH (UID 1 RFC822.SIZE 100)\r\n%s OK done", tag)
			case strings.Contains(rest, "FETCH"):
				say("* 1 FETCH (UID 1 BODY[]<0> {1000000000}")
				for block := []byte(strings.Repeat("x", 1<<16)); ; {
					n, err := c.Write(block)
					if sent.Add(int64(n)); err != nil || sent.Load() > 500<<20 {
						return
					}
				}
			default:
				say("%s OK done", tag)
			}
		}
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return l.Addr().String()
}

type accountAt string

func (a accountAt) Open(context.Context, string) (engine.Credential, error) {
	return engine.Credential{Name: "box", Origin: "imap+insecure://" + string(a), User: "ann", Value: engine.NewSecret("passw0rd")}, nil
}

// A mailbox whose server says more than it was asked for is given up, before it fills the memory.
func TestMailThatNeverEnds(t *testing.T) {
	var sent atomic.Int64
	m := intake.NewMailboxes(intake.Loop{}, intake.MailOptions{Exits: connectors.Exits{Secrets: accountAt(endless(t, &sent))}})
	_, err := m.Newest(t.Context(), map[string]any{"account": "box", "allow_private": true})
	var f *connectors.Fault
	if !errors.As(err, &f) || f.Class != engine.Garbled || f.Code != engine.TooLarge || sent.Load() > 200<<20 {
		t.Errorf("%v after %d MiB", err, sent.Load()>>20)
	}
}
