package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/counterparttest"
	"github.com/bretelle/bretelle/connectors/intake"
	"github.com/bretelle/bretelle/connectors/mail"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
)

// mailWorld is a mailbox at a real server, the loop that watches it, and what the loop gave.
type mailWorld struct {
	t     *testing.T
	d     *counterparttest.Mailboxes
	boxes *intake.Mailboxes
	look  chan string // a look is over

	mu       sync.Mutex
	triggers []flows.Trigger
	cursors  map[string][]byte
	batches  []engine.Batch
	notices  []engine.PollData
	password string
	refuse   error
}

func (w *mailWorld) Triggers(string) []flows.Trigger {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.triggers)
}

func (w *mailWorld) Cursor(_ context.Context, trigger string) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cursors[trigger], nil
}

func (w *mailWorld) Accept(_ context.Context, b engine.Batch) ([]engine.Receipt, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refuse != nil {
		return nil, w.refuse
	}
	w.batches, w.cursors[b.Trigger] = append(w.batches, b), b.Cursor
	return make([]engine.Receipt, len(b.Items)), nil
}

func (w *mailWorld) raise(_ context.Context, ns ...engine.Notice) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, n := range ns {
		var d engine.PollData
		if err := json.Unmarshal(n.Data, &d); err != nil {
			w.t.Error(err)
		}
		w.notices = append(w.notices, d)
	}
	return nil
}

func (w *mailWorld) Open(_ context.Context, name string) (engine.Credential, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	origin := map[string]string{"box": "imap://" + w.d.IMAP, "tls": "imaps://" + w.d.IMAPS, "plain": "imap+insecure://" + w.d.IMAP,
		"smtp": "smtp://" + w.d.IMAP, "wrong": "imaps://" + w.d.IMAP}[name]
	if origin == "" {
		return engine.Credential{}, engine.E(engine.NotFound, "no")
	}
	return engine.Credential{Name: name, Origin: origin, User: "ann", Value: engine.NewSecret(w.password)}, nil
}

func newMailWorld(t *testing.T, with map[string]any) *mailWorld {
	d := counterparttest.Dovecot(t)
	w := &mailWorld{t: t, d: d, look: make(chan string, 100), cursors: map[string][]byte{}, password: d.Password}
	with["allow_private"] = true
	w.triggers = []flows.Trigger{{ID: "t1", Flow: "f", Kind: mail.Received, With: with, State: engine.FlowLive}}
	w.boxes = intake.NewMailboxes(intake.Loop{Flows: w, Cursors: w, Intake: w, Raise: w.raise},
		intake.MailOptions{Parse: w.parse, Exits: connectors.Exits{Secrets: w, Roots: d.Roots}, Retry: 10 * time.Millisecond, MostRetry: 100 * time.Millisecond, Look: 20 * time.Millisecond,
			Looked: func(id string) {
				select {
				case w.look <- id:
				default:
				}
			}})
	return w
}

// parse stumbles over what calls itself hostile, as a parser with a defect does.
func (w *mailWorld) parse(raw []byte) mail.Message {
	if bytes.Contains(raw, []byte("Subject: hostile")) {
		panic("index out of range")
	}
	return mail.Parse(raw)
}

// A mail that the parser stumbles over is left out; the process lives, and those behind it arrive.
func TestAHostileMailHoldsNothingUp(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, map[string]any{"account": "plain"})
	w.run()
	w.until("the baseline", w.began)
	w.put("INBOX", "1", "a@example.com", "hostile")
	w.put("INBOX", "2", "a@example.com", "behind")
	w.until("the mail behind it", func() bool { return w.subjects() == "behind" })
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.notices) > 0 {
		t.Errorf("people were told %+v", w.notices)
	}
}

// run watches until the test ends, or stop is called.
func (w *mailWorld) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.boxes.Run(ctx)
	}()
	stop = func() {
		cancel()
		<-done
	}
	w.t.Cleanup(stop)
	return stop
}

// until waits for looks until ok, which is asked under the lock.
func (w *mailWorld) until(what string, ok func() bool) {
	w.t.Helper()
	late := time.After(30 * time.Second)
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		w.mu.Lock()
		good := ok()
		w.mu.Unlock()
		if good {
			return
		}
		select {
		case <-w.look:
		case <-again.C:
		case <-late:
			w.mu.Lock()
			defer w.mu.Unlock()
			w.t.Fatalf("%s did not happen: batches %+v, notices %+v", what, w.batches, w.notices)
		}
	}
}

// subjects are those of all items so far. The lock is held.
func (w *mailWorld) subjects() string {
	var out []string
	for _, b := range w.batches {
		for _, it := range b.Items {
			out = append(out, fmt.Sprint(it.Data["subject"]))
		}
	}
	return strings.Join(out, " ")
}

// as runs commands of another mail program.
func (w *mailWorld) as(do func(c *imapclient.Client) error) {
	w.t.Helper()
	c, err := imapclient.DialInsecure(w.d.IMAP, nil)
	if err == nil {
		defer func() { _ = c.Close() }()
		err = c.Login("ann", w.d.Password).Wait()
	}
	if err == nil {
		err = do(c)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *mailWorld) put(folder, id, from, subject string) {
	w.t.Helper()
	w.as(func(c *imapclient.Client) error {
		text := "From: " + from + "\r\nTo: bot@example.org\r\nSubject: " + subject + "\r\n"
		if id != "" {
			text += "Message-ID: <" + id + "@x>\r\n"
		}
		text += "\r\nHello " + subject + "\r\n"
		a := c.Append(folder, int64(len(text)), nil)
		if _, err := a.Write([]byte(text)); err != nil {
			return err
		}
		if err := a.Close(); err != nil {
			return err
		}
		_, err := a.Wait()
		return err
	})
}

func (w *mailWorld) began() bool { return len(w.batches) > 0 }

func TestMailArrives(t *testing.T) {
	t.Parallel()
	for _, account := range []string{"box", "tls", "plain"} {
		t.Run(account, func(t *testing.T) {
			t.Parallel()
			w := newMailWorld(t, map[string]any{"account": account, "from": "EXAMPLE.com", "mark_seen": true})
			w.put("INBOX", "0", "a@example.com", "old")
			stop := w.run()
			w.until("the baseline", w.began)
			w.put("INBOX", "1", "Ann <a@example.com>", "one")
			w.until("a mail by IDLE", func() bool { return w.subjects() == "one" })
			w.put("INBOX", "2", "a@other.org", "unwanted")
			w.put("INBOX", "", "b@example.com", "nameless")
			w.until("the next", func() bool { return w.subjects() == "one nameless" })
			stop()
			w.put("INBOX", "4", "a@example.com", "while-away")
			w.run()
			w.until("what came meanwhile", func() bool { return w.subjects() == "one nameless while-away" })
			w.mu.Lock()
			first := w.batches[1].Items[0]
			var keys []string
			for _, b := range w.batches {
				for _, it := range b.Items {
					keys = append(keys, it.Key)
				}
			}
			baseline := w.batches[0].Baseline && len(w.batches[0].Items) == 0
			w.mu.Unlock()
			from, _ := first.Data["from"].(map[string]any)
			if first.Key != "<1@x>" || from["address"] != "a@example.com" || from["name"] != "Ann" || first.Data["text"] != "Hello one" || !baseline {
				t.Errorf("got %+v, a baseline %v", first, baseline)
			}
			if !strings.Contains(keys[1], "/") {
				t.Errorf("a mail without a Message-ID has the key %q", keys[1])
			}
			w.as(func(c *imapclient.Client) error {
				if _, err := c.Select("INBOX", nil).Wait(); err != nil {
					return err
				}
				got, err := c.UIDSearch(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen}}, nil).Wait()
				if err == nil && len(got.AllUIDs()) > 2 { // the old one, the unwanted one
					t.Errorf("unread are %v", got.AllUIDs())
				}
				return err
			})
		})
	}
}

func TestMailboxIsReplaced(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, map[string]any{"account": "box", "folder": "Post"})
	w.as(func(c *imapclient.Client) error { return c.Create("Post", nil).Wait() })
	stop := w.run()
	w.until("the baseline", w.began)
	w.put("Post", "1", "a@x.org", "one")
	w.until("a mail", func() bool { return w.subjects() == "one" })
	stop()
	w.as(func(c *imapclient.Client) error {
		if err := c.Delete("Post").Wait(); err != nil {
			return err
		}
		return c.Create("Post", nil).Wait()
	})
	w.put("Post", "2", "a@x.org", "lies-there")
	w.run()
	w.until("the notice", func() bool { return len(w.notices) == 1 && w.notices[0].Moved })
	w.put("Post", "3", "a@x.org", "new")
	w.until("the new mail", func() bool { return w.subjects() == "one new" })
}

func TestMailboxComesBack(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, map[string]any{"account": "box"})
	w.run()
	w.until("the baseline", w.began)
	w.d.Stop()
	w.until("people hear of it", func() bool { return len(w.notices) == 1 && w.notices[0].Failure != nil })
	w.d.Start()
	w.put("INBOX", "1", "a@x.org", "one")
	w.until("a mail", func() bool { return w.subjects() == "one" && len(w.notices) == 2 && w.notices[1].Mended })
	if w.mu.Lock(); w.notices[0].What != "box: INBOX" {
		t.Errorf("it is called %q", w.notices[0].What)
	}
	w.mu.Unlock()
}

func TestMailboxRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		with  map[string]any
		class engine.FailureClass
		wrong bool
	}{
		"wrong password": {map[string]any{"account": "box"}, engine.Unauthorized, true},
		"no folder":      {map[string]any{"account": "box", "folder": "Nothing"}, engine.Rejected, false},
		"no account":     {map[string]any{"account": "none"}, engine.BadInput, false},
		"not a mailbox":  {map[string]any{"account": "smtp"}, engine.BadInput, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newMailWorld(t, c.with)
			if c.wrong {
				w.password = "wrong-password"
			}
			w.run()
			w.until("the notice", func() bool { return len(w.notices) == 1 && w.notices[0].Failure != nil })
			w.mu.Lock()
			defer w.mu.Unlock()
			if f := w.notices[0].Failure; f.Class != c.class || strings.Contains(fmt.Sprint(f), "wrong-password") {
				t.Errorf("failure %+v", f)
			}
		})
	}
	t.Run("private addresses", func(t *testing.T) {
		w := newMailWorld(t, map[string]any{"account": "box"})
		_, err := w.boxes.Newest(t.Context(), map[string]any{"account": "box"})
		if engine.CodeOf(err) == "" || !strings.Contains(fmt.Sprint(err), "private network") {
			t.Errorf("an address of this machine gives %v", err)
		}
		_, err = w.boxes.Newest(t.Context(), map[string]any{"account": "wrong", "allow_private": true})
		if err == nil || !strings.Contains(fmt.Sprint(err), "could not be reached") {
			t.Errorf("TLS where there is none gives %v", err)
		}
	})
}

func TestMailSampleAndUnstored(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, map[string]any{"account": "box"})
	if _, err := w.boxes.Newest(t.Context(), w.triggers[0].With); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("an empty folder gives %v", err)
	}
	w.put("INBOX", "1", "a@x.org", "one")
	w.put("INBOX", "2", "b@x.org", "two")
	it, err := w.boxes.Newest(t.Context(), map[string]any{"account": "tls", "allow_private": true, "from": "a@"})
	if err != nil || it.Key != "<1@x>" {
		t.Errorf("the newest from a is %+v %v", it, err)
	}
	w.run()
	w.until("the baseline", w.began)
	w.mu.Lock()
	w.refuse = engine.E(engine.Unavailable, "full")
	w.mu.Unlock()
	w.put("INBOX", "3", "a@x.org", "kept")
	w.until("a failure", func() bool { return len(w.notices) > 0 })
	w.mu.Lock()
	w.refuse = nil
	w.mu.Unlock()
	w.until("the mail after all", func() bool { return w.subjects() == "kept" })
	// Another version with other settings, then none.
	w.mu.Lock()
	w.triggers[0].With = map[string]any{"account": "box", "allow_private": true, "subject": "wanted"}
	w.mu.Unlock()
	w.boxes.Wake()
	w.put("INBOX", "5", "a@x.org", "wanted")
	w.until("a mail of the new settings", func() bool { return w.subjects() == "kept wanted" })
}

var _ connectors.Secrets = (*mailWorld)(nil)
