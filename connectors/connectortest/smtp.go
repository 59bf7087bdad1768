package connectortest

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
)

// SMTP is a mail server with switches. It speaks STARTTLS on every port but 465, where it speaks TLS from the first
// byte, and takes any login unless a reply says otherwise.
type SMTP struct {
	mu     sync.Mutex
	reply  map[string]string
	mails  []Mail
	logins []string
	config *tls.Config
	on     net.Listener
	work   sync.WaitGroup
	conns  map[net.Conn]bool
}

// Mail is one that was taken.
type Mail struct {
	From string
	To   []string
	Data string
}

// Replies of SMTP.Reply that are no replies.
const (
	HangUp   = "hang up"   // close the connection instead of answering
	StayMute = "stay mute" // never answer
)

func newSMTP(t testing.TB, config *tls.Config) *SMTP {
	t.Helper()
	on, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &SMTP{config: config, on: on, conns: map[net.Conn]bool{}, reply: map[string]string{}}
	s.work.Go(s.accept)
	t.Cleanup(func() {
		_ = on.Close()
		s.mu.Lock()
		for c := range s.conns {
			_ = c.Close()
		}
		s.mu.Unlock()
		s.work.Wait()
	})
	return s
}

// Reply sets what is answered to a command: "MAIL", "RCPT", "RCPT <a@b>", "DATA", "." (the message's end), "AUTH",
// "EHLO", "STARTTLS" or "" (the greeting). An empty reply is the usual one again.
func (s *SMTP) Reply(command, reply string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reply[command] = reply
}

// Forget empties the lists of mails and logins.
func (s *SMTP) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails, s.logins = nil, nil
}

// Mails are those taken so far.
func (s *SMTP) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Logins are the names and passwords that were given, "user:password".
func (s *SMTP) Logins() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.logins...)
}

// dial connects to the server; secure says that the client speaks TLS from the first byte.
func (s *SMTP) dial(ctx context.Context, secure bool) (net.Conn, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.on.Addr().String())
	if err != nil {
		return nil, err
	}
	mark := []byte("S")
	if secure {
		mark = []byte("T")
	}
	_, err = c.Write(mark)
	return c, err
}

func (s *SMTP) accept() {
	for {
		c, err := s.on.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[c] = true
		s.mu.Unlock()
		s.work.Go(func() {
			s.serve(c)
			_ = c.Close()
		})
	}
}

// session is one connection.
type session struct {
	s    *SMTP
	conn net.Conn
	in   *bufio.Reader
	mail Mail
	over bool
}

// say answers a command, as the switches want it; ok is whether it was the usual answer.
func (x *session) say(usual string, commands ...string) (ok bool) {
	x.s.mu.Lock()
	reply := ""
	for _, c := range commands {
		if r := x.s.reply[c]; r != "" {
			reply = r
		}
	}
	x.s.mu.Unlock()
	switch reply {
	case HangUp:
		x.over = true
		return false
	case StayMute:
		_, _ = x.in.Peek(1 << 16) // until the other side gives up
		x.over = true
		return false
	case "":
		_, _ = fmt.Fprintf(x.conn, "%s\r\n", usual)
		return true
	}
	_, _ = fmt.Fprintf(x.conn, "%s\r\n", reply)
	return false
}

func (s *SMTP) serve(c net.Conn) {
	x := &session{s: s, conn: c, in: bufio.NewReader(c)}
	if first, err := peek(c); err == nil && first.tls {
		x.secure(tls.Server(first, s.config))
	} else {
		x.conn, x.in = first, bufio.NewReader(first)
	}
	if !x.say("220 fake ESMTP", "") {
		return
	}
	for !x.over {
		line, err := x.in.ReadString('\n')
		if err != nil {
			return
		}
		x.answer(strings.TrimRight(line, "\r\n"))
	}
}

func (x *session) secure(c *tls.Conn) { x.conn, x.in = c, bufio.NewReader(c) }

func (x *session) answer(line string) {
	verb, rest, _ := strings.Cut(line, " ")
	verb = strings.ToUpper(verb)
	_, arg, _ := strings.Cut(rest, ":")
	arg, _, _ = strings.Cut(arg, " ")
	switch verb {
	case "EHLO":
		usual := "250-fake\r\n250-AUTH PLAIN LOGIN\r\n250-8BITMIME\r\n250 STARTTLS"
		if _, ok := x.conn.(*tls.Conn); ok {
			usual = "250-fake\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN"
		}
		x.say(usual, "EHLO")
	case "STARTTLS":
		if x.say("220 go", verb) {
			x.secure(tls.Server(x.conn, x.s.config))
		}
	case "AUTH":
		x.login(rest)
		x.say("235 in", verb)
	case "MAIL":
		x.mail = Mail{From: strings.Trim(arg, "<>")}
		x.say("250 ok", verb)
	case "RCPT":
		if x.say("250 ok", verb, verb+" "+arg) {
			x.mail.To = append(x.mail.To, strings.Trim(arg, "<>"))
		}
	case "DATA":
		if x.say("354 go on", verb) {
			x.data()
		}
	case "QUIT":
		x.say("221 bye", verb)
		x.over = true
	default:
		x.say("250 ok", verb)
	}
}

func (x *session) login(rest string) {
	_, text, _ := strings.Cut(rest, " ")
	plain, _ := base64.StdEncoding.DecodeString(text)
	parts := strings.Split(string(plain), "\x00")
	if len(parts) == 3 {
		x.s.mu.Lock()
		x.s.logins = append(x.s.logins, parts[1]+":"+parts[2])
		x.s.mu.Unlock()
	}
}

func (x *session) data() {
	var b strings.Builder
	for {
		line, err := x.in.ReadString('\n')
		if err != nil {
			return
		}
		if line == ".\r\n" {
			break
		}
		b.WriteString(strings.TrimPrefix(line, "."))
	}
	x.mail.Data = b.String()
	x.s.mu.Lock()
	if r := x.s.reply["."]; r == "" || r == HangUp || r == StayMute {
		x.s.mails = append(x.s.mails, x.mail)
	}
	x.s.mu.Unlock()
	x.say("250 taken", ".")
}

// peeked is a connection whose first byte was looked at.
type peeked struct {
	net.Conn
	in  *bufio.Reader
	tls bool
}

func (p *peeked) Read(b []byte) (int, error) { return p.in.Read(b) }

// peek tells a TLS client, which speaks first, from an SMTP client, which waits: the dialler marks the former.
func peek(c net.Conn) (*peeked, error) {
	p := &peeked{Conn: c, in: bufio.NewReader(c)}
	mark, err := p.in.ReadByte()
	p.tls = mark == 'T'
	return p, err
}
