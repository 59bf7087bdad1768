package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/bretelle/bretelle/connectors/counterparttest"
)

// newTeam is a bot that runs: ann is admin, bob and kim are in @sales and may only look, #sales is theirs and #news is
// everybody's.
func newTeam(t *testing.T, env ...string) *botProcess {
	t.Helper()
	b := newBot(t)
	b.env = env
	b.start()
	b.cli("person", "add", "ann", "--role", "admin")
	b.cli("person", "add", "bob")
	b.cli("person", "add", "kim")
	b.cli("group", "set", "sales", "bob", "kim")
	b.cli("channel", "add", "#sales")
	b.cli("channel", "add", "#news")
	return b
}

// chat says, presses or fills in something, as flags of the command say, and gives the card that is seen then.
func (b *botProcess) chat(as, place string, flags ...string) cardJSON {
	b.t.Helper()
	var c cardJSON
	b.jsonOf(&c, append([]string{"chat", "--as", as, "--in", place}, flags...)...)
	return c
}

// fromTemplate makes a flow of a template and publishes it as ann would in #sales: the command, the dialog with the
// answers, and the buttons of the cards.
func (b *botProcess) fromTemplate(template string, answers ...string) {
	b.t.Helper()
	b.publish(template, b.draftOf(template, answers...))
}

func (b *botProcess) draftOf(template string, answers ...string) cardJSON {
	b.t.Helper()
	form := b.cli("chat", "--as", "ann", "--in", "#sales", "-m", "/flow template "+template)
	says(b.t, "the dialog", form, "form template", "name="+template)
	draft := b.chat("ann", "#sales", submit(answers)...)
	if !draft.offers("publish") {
		b.t.Fatalf("the draft of %s cannot be published:\n%s", template, draft.Text)
	}
	return draft
}

func (b *botProcess) publish(flow string, draft cardJSON) {
	b.t.Helper()
	asked := b.chat("ann", "#sales", "--press", "publish", "--card", draft.ID)
	says(b.t, "the question", asked.Text, "Publish version 1 of "+flow)
	b.cli("chat", "--as", "ann", "--in", "#sales", "--press", "confirm", "--card", asked.ID)
	b.card("bob", "#sales", "ann published "+flow)
}

func submit(answers []string) (flags []string) {
	for _, a := range answers {
		flags = append(flags, "--submit", a)
	}
	return flags
}

// watching waits until so many triggers have looked for the first time: only what comes later is new to them.
func (b *botProcess) watching(triggers int) {
	b.t.Helper()
	n := 0
	eventually(b.t, func() bool {
		db, done := b.disk()
		defer done()
		return db.QueryRow(`SELECT count(*) FROM cursors`).Scan(&n) == nil && n >= triggers // a copy of what is being written may be torn
	}, func() string { return fmt.Sprintf("%d of %d triggers have looked\n%s", n, triggers, b.log()) })
}

// rows are what stands in a table, as anybody gets them in chat: by column.
func (b *botProcess) rows(table string) []map[string]string {
	b.t.Helper()
	out, code := b.try("", "chat", "--as", "ann", "--in", "#sales", "-m", "/flow table export "+table, "--json")
	if code != 0 && strings.Contains(out, "there is no table") {
		return nil
	}
	var c struct {
		Blocks []struct{ Type, Text string } `json:"blocks"`
	}
	if err := json.Unmarshal([]byte(out), &c); err != nil || code != 0 {
		b.t.Fatalf("the table %s: %v\n%s", table, err, out)
	}
	for _, block := range c.Blocks {
		if block.Type != "pre" {
			continue
		}
		lines, err := csv.NewReader(strings.NewReader(block.Text)).ReadAll()
		if err != nil {
			b.t.Fatal(err)
		}
		var rows []map[string]string
		for _, l := range lines[1:] {
			row := map[string]string{}
			for i, name := range lines[0] {
				row[name] = l[i]
			}
			rows = append(rows, row)
		}
		return rows
	}
	b.t.Fatalf("no table in\n%s", out)
	return nil
}

// row waits for a row of a table that says all that is wanted, and gives it.
func (b *botProcess) row(table string, want map[string]string) (found map[string]string) {
	b.t.Helper()
	var rows []map[string]string
	eventually(b.t, func() bool {
		rows = b.rows(table)
		for _, r := range rows {
			same := true
			for k, v := range want {
				same = same && r[k] == v
			}
			if same {
				found = r
			}
		}
		return found != nil
	}, func() string {
		return fmt.Sprintf("no row of %s is %v:\n%v\n%+v\n%s", table, want, rows, b.runs(), b.log())
	})
	return found
}

// withClock gives a bot that is not started yet a clock that tests set, for pass.
func withClock(t *testing.T) (env string, pass func(b *botProcess, d time.Duration)) {
	file, ahead := filepath.Join(t.TempDir(), "clock"), time.Duration(0)
	return clockAt + "=" + file, func(b *botProcess, d time.Duration) {
		t.Helper()
		ahead += d
		if err := os.WriteFile(file, []byte(strconv.FormatInt(ahead.Milliseconds(), 10)), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := b.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
			t.Fatal(err)
		}
	}
}

// office is a team with real servers: what it sends goes to mailpit, what it gets lies in Dovecot, whom it knows
// stands in Radicale.
type office struct {
	*botProcess
	out *counterparttest.Post
	in  *counterparttest.Mailboxes
	who *counterparttest.Contacts
}

// newOffice is one with the accounts post, inbox and people, stored as an operator does.
func newOffice(t *testing.T, env ...string) *office {
	t.Helper()
	o := &office{out: counterparttest.Mailpit(t), in: counterparttest.Dovecot(t), who: counterparttest.Radicale(t)}
	var trusted []byte
	for _, f := range []string{o.out.Cert, o.in.Cert} {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		trusted = append(trusted, b...)
	}
	file := filepath.Join(t.TempDir(), "trusted.pem")
	if err := os.WriteFile(file, trusted, 0o600); err != nil {
		t.Fatal(err)
	}
	o.botProcess = newTeam(t, append(env, "SSL_CERT_FILE="+file)...)
	o.secret("post", "any", "--origin", "smtp://"+o.out.SMTP, "--user", "bot@example.org")
	o.secret("inbox", o.in.Password, "--origin", "imaps://"+o.in.IMAPS, "--user", "bot")
	o.secret("people", o.who.Password, "--origin", o.who.URL, "--user", o.who.User)
	return o
}

// arrives puts a mail into the bot's mailbox.
func (o *office) arrives(from, id, subject, text string, headers ...string) {
	o.t.Helper()
	mail := fmt.Sprintf("From: %s\r\nTo: bot@example.org\r\nSubject: %s\r\nMessage-ID: <%s>\r\nDate: %s\r\n", from, subject, id, time.Now().Format(time.RFC1123Z))
	for _, h := range headers {
		mail += h + "\r\n"
	}
	mail += "Content-Type: text/plain; charset=utf-8\r\n\r\n" + strings.ReplaceAll(text, "\n", "\r\n") + "\r\n"
	c, err := imapclient.DialInsecure(o.in.IMAP, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.Login("bot", o.in.Password).Wait(); err != nil {
		o.t.Fatal(err)
	}
	a := c.Append("INBOX", int64(len(mail)), nil)
	if _, err := a.Write([]byte(mail)); err != nil {
		o.t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		o.t.Fatal(err)
	}
	if _, err := a.Wait(); err != nil {
		o.t.Fatal(err)
	}
}

// mails waits until so many were sent with a subject to somebody, and gives them.
func (o *office) mails(to, subject string, n int) (list []counterparttest.Kept) {
	o.t.Helper()
	eventually(o.t, func() bool {
		list = o.sent(to, subject)
		return len(list) >= n
	}, func() string {
		return fmt.Sprintf("%d mails %q to %s, wanted %d\n%s", len(list), subject, to, n, o.log())
	})
	if len(list) != n {
		o.t.Errorf("%d mails %q to %s, wanted %d", len(list), subject, to, n)
	}
	return list
}

// sent are the mails that were sent with a subject to somebody so far.
func (o *office) sent(to, subject string) (list []counterparttest.Kept) {
	o.t.Helper()
	for _, m := range o.out.Mails(o.t) {
		if m.Subject == subject && len(m.To) == 1 && m.To[0].Address == to {
			list = append(list, m)
		}
	}
	return list
}

// contacts are the cards of the address book, as the server gives them.
func (o *office) contacts() []string {
	o.t.Helper()
	req, err := http.NewRequest(http.MethodGet, o.who.Book, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	req.SetBasicAuth(o.who.User, o.who.Password)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		o.t.Fatalf("the address book: %d %v %s", resp.StatusCode, err, b)
	}
	var cards []string
	for _, c := range strings.SplitAfter(string(b), "END:VCARD") {
		if strings.Contains(c, "BEGIN:VCARD") {
			cards = append(cards, c)
		}
	}
	return cards
}

// runsOf are the runs of one flow.
func (b *botProcess) runsOf(flow string) (list []runJSON) {
	b.t.Helper()
	for _, r := range b.runs() {
		if r.Flow == flow {
			list = append(list, r)
		}
	}
	return list
}

// approve presses the button of a card in #sales.
func (b *botProcess) approve(as string, c cardJSON) {
	b.t.Helper()
	b.cli("chat", "--as", as, "--in", "#sales", "--press", "approve", "--card", c.ID)
}

// settled waits until a flow has so many runs and none is under way, and gives them as they ended.
func (b *botProcess) settled(flow string, n int) (list []runJSON) {
	b.t.Helper()
	eventually(b.t, func() bool {
		list = b.runsOf(flow)
		for _, r := range list {
			if r.State != "done" && r.State != "stopped" {
				return false
			}
		}
		return len(list) >= n
	}, func() string {
		return fmt.Sprintf("%s has the runs %+v, wanted %d that ended\n%s", flow, list, n, b.log())
	})
	if len(list) != n {
		b.t.Errorf("%s has %d runs, wanted %d", flow, len(list), n)
	}
	return list
}

// says holds a text to words that it has to have.
func says(t testing.TB, what, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not say %q:\n%s", what, w, text)
		}
	}
}

// open waits for a card in #sales that asks something, and gives it.
func (b *botProcess) open(words ...string) (found cardJSON) {
	b.t.Helper()
	eventually(b.t, func() bool {
		for _, c := range b.cards("bob", "#sales") {
			if containsAll(c.Text, words) && c.offers("approve") {
				found = c
			}
		}
		return found.ID != ""
	}, func() string {
		return fmt.Sprintf("nothing open in #sales says %q:\n%s", words, b.transcript("bob", "#sales"))
	})
	return found
}
