package intake

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/mail"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
)

const (
	commandTime = 2 * time.Minute // for one command, or a few
	mailsAtOnce = 20              // in one transaction
	bytesAtOnce = 12 << 20        // and of their sizes
)

// errGone says that the trigger is not there any more.
var errGone = errors.New("the trigger is gone")

var errPanic = errors.New("panic while a mailbox was watched")

func gone(err error) bool { return errors.Is(err, errGone) }

// box is an open folder.
type box struct {
	ctx      context.Context
	line     *connectors.Line
	in       *meter
	c        *imapclient.Client
	selected *imap.SelectData
	news     chan struct{} // the server said that something changed
	once     sync.Once
	parse    func([]byte) mail.Message
	log      *slog.Logger
}

// open connects, logs in and opens the folder: to read only, unless mails are to be marked. Errors are a
// *connectors.Fault.
func (m *Mailboxes) open(ctx context.Context, s mail.Settings, news chan struct{}) (*box, error) {
	line, err := connectors.OpenIMAP(ctx, m.o.Exits, s.Account, s.AllowPrivate)
	if err != nil {
		return nil, err
	}
	b := &box{ctx: ctx, line: line, in: &meter{Conn: line.Conn}, news: news, parse: m.o.Parse, log: m.Log}
	options := &imapclient.Options{TLSConfig: line.Upgrade, UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(*imapclient.UnilateralDataMailbox) {
			if news != nil {
				poke(news)
			}
		}}}
	defer b.watchdog()()
	if line.Upgrade != nil {
		if b.c, err = imapclient.NewStartTLS(b.in, options); err != nil {
			line.Close()
			return nil, b.fault(err)
		}
	} else {
		b.c = imapclient.New(b.in, options)
		err = b.c.WaitGreeting()
	}
	if err == nil {
		if err = b.c.Login(line.Account.User, line.Account.Value.Reveal()).Wait(); err != nil {
			defer b.close()
			return nil, b.refused(err, connectors.Fail(engine.Unauthorized, engine.Unsigned, "{peer} does not let {account} in",
				"peer", line.Peer, "account", line.Account.Name).WithHint("Check user and password: bretelle secret set {account}"))
		}
		if b.selected, err = b.c.Select(s.Folder, &imap.SelectOptions{ReadOnly: !s.MarkSeen}).Wait(); err != nil {
			defer b.close()
			return nil, b.refused(err, connectors.Fail(engine.Rejected, engine.NotFound, "{account} has no folder {folder}", "account", line.Account.Name,
				"folder", s.Folder).WithHint("Check its name; that of subfolders has the server's own separator, a dot or a slash."))
		}
	}
	if err != nil {
		defer b.close()
		return nil, b.fault(err)
	}
	return b, nil
}

// refused is a failure for a "no" of the server, and otherwise that of the connection.
func (b *box) refused(err error, no *connectors.Fault) error {
	var said *imap.Error
	if !errors.As(err, &said) || said.Type != imap.StatusResponseTypeNo || said.Code == imap.ResponseCodeUnavailable || said.Code == imap.ResponseCodeInUse {
		return b.fault(err)
	}
	no.Peer, no.Said = b.line.Peer, b.line.Redact(said.Text)
	return no
}

// fault sorts a failure of the connection.
func (b *box) fault(err error) *connectors.Fault {
	if b.in.left.Load() <= 0 {
		f := connectors.Fail(engine.Garbled, engine.TooLarge, "{peer} sent more than {max} bytes at once", "peer", b.line.Peer, "max", mostHeard).
			WithHint("Look at the mailbox with another program: does it speak IMAP?")
		f.Peer = b.line.Peer
		return f
	}
	var said *imap.Error
	if errors.As(err, &said) {
		f := connectors.Fail(engine.Busy, engine.Unavailable, "{peer} cannot show the mailbox now", "peer", b.line.Peer)
		f.Peer, f.Said = b.line.Peer, b.line.Redact(said.Text)
		return f
	}
	return b.line.Fault(b.ctx, false, err)
}

func (b *box) close() {
	b.once.Do(func() {
		b.line.Close()
		if b.c != nil {
			_ = b.c.Close() // the connection is closed already; this ends what reads it
		}
	})
}

// watchdog closes the connection when what follows takes too long, or the server says too much; the call of stop ends
// it.
func (b *box) watchdog() (stop func()) {
	b.in.left.Store(mostHeard)
	t := time.AfterFunc(commandTime, func() { _ = b.line.Conn.Close() })
	return func() { t.Stop() }
}

// session is one connection: it takes what is new until the connection fails. A defect is this mailbox's trouble alone.
func (m *Mailboxes) session(ctx context.Context, t flows.Trigger, well func()) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			m.Log.Error("watching a mailbox panicked", "flow", t.Flow, "cause", cause, "stack", string(debug.Stack()))
			err = engine.AsError(errPanic).WithOp("intake.mail")
		}
	}()
	s, news := mail.Read(t.With), make(chan struct{}, 1)
	b, err := m.open(ctx, s, news)
	if err != nil {
		return err
	}
	defer b.close()
	for {
		if err := m.catchUp(ctx, t, s, b); err != nil {
			return err
		}
		well()
		m.o.Looked(t.ID)
		if err := b.wait(ctx, m.o); err != nil {
			return err
		}
	}
}

// catchUp takes every mail above the cursor.
func (m *Mailboxes) catchUp(ctx context.Context, t flows.Trigger, s mail.Settings, b *box) error {
	at, err := m.standing(ctx, t.ID)
	if err != nil {
		return err
	}
	if at == nil || at.Validity != b.selected.UIDValidity {
		return m.begin(ctx, t, at, b)
	}
	sizes, err := b.above(at.Last)
	if err != nil {
		return b.fault(err)
	}
	if at.Check { // from a backup: mails above may have been handled since, by the bot that went on
		if len(sizes) > 0 {
			return m.begin(ctx, t, at, b)
		}
		if err := m.accept(ctx, t.ID, stand{Validity: at.Validity, Last: at.Last}, nil, true); err != nil {
			return err
		}
	}
	for len(sizes) > 0 {
		n, bytes := 0, int64(0)
		for n < len(sizes) && n < mailsAtOnce && (n == 0 || bytes+sizes[n].size <= bytesAtOnce) {
			bytes += min(sizes[n].size, mail.MaxMail)
			n++
		}
		items, uids, err := b.read(s, sizes[:n])
		if err != nil {
			return b.fault(err)
		}
		next := stand{Validity: at.Validity, Last: sizes[n-1].uid}
		if err := m.accept(ctx, t.ID, next, items, false); err != nil {
			return err
		}
		if s.MarkSeen && len(uids) > 0 {
			if err := b.markSeen(uids); err != nil {
				return b.fault(err)
			}
		}
		sizes = sizes[n:]
	}
	return nil
}

// begin sets the cursor to the folder's end: the first look, or another folder under the same name, which people are
// told of.
func (m *Mailboxes) begin(ctx context.Context, t flows.Trigger, before *stand, b *box) error {
	last := uint32(b.selected.UIDNext)
	if last > 0 {
		last--
	} else { // a server that does not say (RFC 3501, 7.1)
		all, err := b.above(0)
		if err != nil {
			return b.fault(err)
		}
		if n := len(all); n > 0 {
			last = all[n-1].uid
		}
	}
	if b.selected.UIDValidity == 0 {
		return connectors.Fail(engine.Rejected, engine.Unreadable, "{peer} does not number its mails, so new ones cannot be told", "peer", b.line.Peer)
	}
	now := stand{Validity: b.selected.UIDValidity, Last: last}
	if before != nil {
		m.say(ctx, t, noticeID(t.ID, "moved "+placeOf(now.Validity, 0), nil), engine.PollData{Moved: true, Count: int(b.selected.NumMessages), Since: engine.Millis(m.Now())})
	}
	return m.accept(ctx, t.ID, now, nil, true)
}

// sized is a mail known by number and size.
type sized struct {
	uid  uint32
	size int64
}

func byUID(a, b sized) int { return cmp.Compare(a.uid, b.uid) }

// above lists the mails above a UID, lowest first.
func (b *box) above(last uint32) ([]sized, error) {
	defer b.watchdog()()
	set := imap.UIDSet{imap.UIDRange{Start: imap.UID(last + 1)}} // to "*", which is always the last mail, also below
	list, err := b.c.Fetch(set, &imap.FetchOptions{UID: true, RFC822Size: true}).Collect()
	if err != nil {
		return nil, err
	}
	var out []sized
	for _, f := range list {
		if uint32(f.UID) > last {
			out = append(out, sized{uint32(f.UID), f.RFC822Size})
		}
	}
	slices.SortFunc(out, byUID)
	return out, nil
}

// read takes mails and keeps those that are wanted. One that is gone meanwhile is left out.
func (b *box) read(s mail.Settings, list []sized) (items []engine.Item, uids []imap.UID, err error) {
	section := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: mail.MaxMail}}
	for _, one := range list {
		stop := b.watchdog()
		got, err := b.c.Fetch(imap.UIDSetNum(imap.UID(one.uid)), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
		stop()
		if err != nil {
			return nil, nil, err
		}
		for _, f := range got {
			if uint32(f.UID) != one.uid || len(f.BodySection) == 0 {
				continue
			}
			if item, wanted := b.item(s, one, f.BodySection[0].Bytes); wanted {
				items, uids = append(items, item), append(uids, f.UID)
			}
		}
	}
	return items, uids, nil
}

// item is a mail as an event, when it is wanted. One that the parser stumbles over is left out, with a line in the log: a
// mail that anybody may send must neither end the process nor keep those behind it from being read.
func (b *box) item(s mail.Settings, one sized, raw []byte) (item engine.Item, wanted bool) {
	defer func() {
		if cause := recover(); cause != nil {
			b.log.Error("reading a mail panicked; it is left out", "account", s.Account, "uid", one.uid, "cause", cause, "stack", string(debug.Stack()))
			item, wanted = engine.Item{}, false
		}
	}()
	msg := b.parse(raw)
	msg.Cut = msg.Cut || one.size > mail.MaxMail
	if !s.Wants(msg) {
		return item, false
	}
	return msg.Item(placeOf(b.selected.UIDValidity, one.uid)), true
}

// newest is the newest wanted mail among the last 50; nil when there is none.
func (b *box) newest(s mail.Settings) (*engine.Item, error) {
	if b.selected.NumMessages == 0 {
		return nil, nil
	}
	from := uint32(1)
	if n := b.selected.NumMessages; n > 50 {
		from = n - 49
	}
	list, err := b.c.Fetch(imap.SeqSet{imap.SeqRange{Start: from, Stop: b.selected.NumMessages}}, &imap.FetchOptions{UID: true, RFC822Size: true}).Collect()
	if err != nil {
		return nil, err
	}
	var all []sized
	for _, f := range list {
		all = append(all, sized{uint32(f.UID), f.RFC822Size})
	}
	slices.SortFunc(all, byUID)
	for i := len(all) - 1; i >= 0; i-- {
		items, _, err := b.read(s, all[i:i+1])
		if err != nil || len(items) > 0 {
			return first(items), err
		}
	}
	return nil, nil
}

func first(items []engine.Item) *engine.Item {
	if len(items) == 0 {
		return nil
	}
	return &items[0]
}

func (b *box) markSeen(uids []imap.UID) error {
	defer b.watchdog()()
	return b.c.Store(imap.UIDSetNum(uids...), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}, nil).Close()
}

// wait returns when the server says that something changed, or it is time to look.
func (b *box) wait(ctx context.Context, o MailOptions) error {
	nap := o.Look
	var idle *imapclient.IdleCommand
	if b.c.Caps().Has(imap.CapIdle) {
		stop := b.watchdog()
		var err error
		idle, err = b.c.Idle()
		stop()
		if err != nil {
			return b.fault(err)
		}
		nap = o.Renew
	}
	timer := time.NewTimer(nap)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-b.c.Closed():
		return b.line.Fault(ctx, false, errors.New("the connection ended"))
	case <-b.news:
	case <-timer.C:
	}
	defer b.watchdog()()
	if idle == nil {
		return b.end(b.c.Noop().Wait())
	}
	if err := idle.Close(); err != nil {
		return b.fault(err)
	}
	return b.end(idle.Wait())
}

func (b *box) end(err error) error {
	if err != nil {
		return b.fault(err)
	}
	return nil
}
