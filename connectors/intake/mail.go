package intake

import (
	"context"
	"encoding/json"
	"strconv"
	"sync"
	"time"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/mail"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
)

// Mailboxes watches mailboxes (mail.received), one connection for each trigger.
//
//	dial, login, open the folder ──▶ mails above the last one ──▶ Accept(mails, cursor: one transaction)
//	   │ fails: later, and later         ▲                              │ mark as read, if wanted
//	   ▼ still; the cursor stays         └── IDLE, or a look a minute ◀─┘
//
// The cursor is the folder's UIDVALIDITY and the greatest UID dealt with (RFC 9051, 2.3.1.1). The first look takes
// nothing; a folder with another UIDVALIDITY is another folder, so it begins anew and people are told. A mail's key is
// its Message-ID, so that one that comes by two ways starts one run.
type Mailboxes struct {
	Loop
	o    MailOptions
	wake chan struct{}
	work sync.WaitGroup

	mu sync.Mutex
	on map[string]*watch // by trigger id
}

// MailOptions are what Mailboxes needs beside a Loop's parts.
type MailOptions struct {
	Exits connectors.Exits
	// Renew is how long one IDLE lasts; default 25 minutes, servers may end it after 30 (RFC 2177).
	Renew time.Duration
	// Look is how often a server without IDLE is asked; default a minute.
	Look time.Duration
	// Retry is the first pause after a failure; default 15 seconds.
	Retry time.Duration
	// MostRetry bounds the pause after failures that may pass by themselves; default 5 minutes.
	MostRetry time.Duration
	// Parse reads a mail; default mail.Parse.
	Parse func([]byte) mail.Message
	// Looked, when set, is told after each look: where a test waits.
	Looked func(trigger string)
}

// watch is one mailbox being watched.
type watch struct {
	trigger flows.Trigger
	with    string // the settings as text, to see that they changed
	stop    context.CancelFunc
	ended   chan struct{}
}

// NewMailboxes makes the loop. It does nothing until Run.
func NewMailboxes(l Loop, o MailOptions) *Mailboxes {
	l.defaults()
	set := func(d *time.Duration, usual time.Duration) {
		if *d <= 0 {
			*d = usual
		}
	}
	set(&o.Renew, 25*time.Minute)
	set(&o.Look, time.Minute)
	set(&o.Retry, 15*time.Second)
	set(&o.MostRetry, 5*time.Minute)
	if o.Parse == nil {
		o.Parse = mail.Parse
	}
	if o.Looked == nil {
		o.Looked = func(string) {}
	}
	return &Mailboxes{Loop: l, o: o, wake: make(chan struct{}, 1), on: map[string]*watch{}}
}

// Wake has the flows looked at again soon.
func (m *Mailboxes) Wake() { poke(m.wake) }

// Run watches until ctx ends, and returns when every connection is closed.
func (m *Mailboxes) Run(ctx context.Context) {
	defer m.work.Wait()
	m.turn(ctx, m.wake, func(ctx context.Context) time.Time {
		m.pass(ctx)
		return time.Time{}
	})
}

// pass begins to watch what is new, and ends what is gone or has other settings.
func (m *Mailboxes) pass(ctx context.Context) {
	wanted := map[string]flows.Trigger{}
	for _, t := range m.Flows.Triggers(mail.Received) {
		if listens(t) {
			wanted[t.ID] = t
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, w := range m.on {
		t, ok := wanted[id]
		if ended := isClosed(w.ended); !ok || ended || text(t.With) != w.with {
			w.stop()
			<-w.ended // two on one cursor would take a mail twice
			delete(m.on, id)
		}
	}
	for id, t := range wanted {
		if m.on[id] != nil {
			continue
		}
		life, stop := context.WithCancel(ctx)
		w := &watch{trigger: t, with: text(t.With), stop: stop, ended: make(chan struct{})}
		m.on[id] = w
		m.work.Go(func() {
			defer close(w.ended)
			defer stop()
			m.follow(life, t)
		})
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func text(with map[string]any) string {
	b, _ := engine.EncodeJSON(with) // settings come from a text that JSON can hold
	return string(b)
}

// follow watches one mailbox until ctx ends or the trigger is gone. Failures are waited out, and told when they last.
func (m *Mailboxes) follow(ctx context.Context, t flows.Trigger) {
	fails, told, since := 0, false, time.Time{}
	for ctx.Err() == nil {
		well := func() { // it works again
			if told {
				m.say(ctx, t, engine.NewID(m.Now()), engine.PollData{Mended: true, Count: fails, Since: engine.Millis(since)})
			}
			fails, told = 0, false
		}
		err := m.session(ctx, t, well)
		if ctx.Err() != nil || gone(err) {
			return
		}
		if fails++; fails == 1 {
			since = m.Now()
		}
		f := failureOf(err)
		wait := later(m.o.Retry, fails, time.Duration(f.After)*time.Millisecond)
		if !lasting(f) { // a refused login is tried less and less, so that the account is not locked
			wait = min(wait, m.o.MostRetry)
		}
		if !told && (fails >= patience || lasting(f)) {
			told = true
			m.say(ctx, t, engine.NewID(m.Now()), engine.PollData{Failure: &f, Count: fails, Since: engine.Millis(since), Next: engine.Millis(m.Now().Add(wait))})
		}
		m.Log.Info("a mailbox could not be watched", "flow", t.Flow, "fails", fails, "code", f.Code, "wait", wait)
		nap := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-nap.C:
		}
		nap.Stop()
	}
}

// say raises a notice about a mailbox. One that cannot be stored is logged: what it is about stands elsewhere.
func (m *Mailboxes) say(ctx context.Context, t flows.Trigger, id string, d engine.PollData) {
	s := mail.Read(t.With)
	d.Trigger, d.What = t.ID, s.Account+": "+s.Folder
	data, err := engine.EncodeJSON(d)
	if err == nil {
		err = m.Raise(ctx, engine.Notice{ID: id, At: engine.Millis(m.Now()), Kind: engine.NoticePoll, Topic: "poll:" + t.ID, Flow: t.Flow, Place: t.Place, Data: data})
	}
	if err != nil {
		m.Log.Error("a notice about a mailbox could not be stored", "flow", t.Flow, "err", err)
	}
}

// stand is where a trigger stands in its folder.
type stand struct {
	Validity uint32 `json:"uidvalidity"`
	Last     uint32 `json:"last"`            // greatest UID dealt with
	Check    bool   `json:"check,omitempty"` // as place.Check
}

// standing reads the cursor; nil when the trigger never looked.
func (m *Mailboxes) standing(ctx context.Context, trigger string) (*stand, error) {
	b, err := m.Cursors.Cursor(ctx, trigger)
	if err != nil || b == nil {
		return nil, err
	}
	var at stand
	if json.Unmarshal(b, &at) != nil || at.Validity == 0 {
		return nil, nil // not ours: it begins anew
	}
	return &at, nil
}

// accept offers mails and moves the cursor, in one transaction.
func (m *Mailboxes) accept(ctx context.Context, trigger string, at stand, items []engine.Item, baseline bool) error {
	cursor, err := json.Marshal(at)
	if err != nil {
		return err
	}
	_, err = m.Intake.Accept(ctx, engine.Batch{Trigger: trigger, Items: items, Cursor: cursor, From: "mail", Baseline: baseline})
	if engine.CodeOf(err) == engine.NotFound {
		return errGone
	}
	return err
}

// Newest gives the event of the newest mail of a folder that the settings want, for a sample: nothing is changed, and
// the cursor stays where it is. Errors: NotFound when there is none among the last 50, else a *connectors.Fault.
func (m *Mailboxes) Newest(ctx context.Context, with map[string]any) (engine.Item, error) {
	s := mail.Read(with)
	s.MarkSeen = false
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	b, err := m.open(ctx, s, nil)
	if err != nil {
		return engine.Item{}, err
	}
	defer b.close()
	found, err := b.newest(s)
	if err != nil {
		return engine.Item{}, b.fault(err)
	}
	if found == nil {
		return engine.Item{}, engine.E(engine.NotFound, "There is no such mail in {folder} yet", "folder", s.Folder).WithHint("Send one, then try again.")
	}
	return *found, nil
}

func placeOf(validity, uid uint32) string {
	return strconv.FormatUint(uint64(validity), 10) + "/" + strconv.FormatUint(uint64(uid), 10)
}
