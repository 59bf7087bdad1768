package connectors

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// Source is a list elsewhere that is looked at again and again: a feed, a page, a list operation (R13). What is new in
// it, and what is to be done about that, is decided by the loop in connectors/intake, the same for every source.
type Source interface {
	// Fetch looks once. with is the trigger's settings, state what the source gave the last time (nil at first). Every
	// exit goes through f. Errors are a *Fault; a list that cannot be read is Garbled.
	Fetch(ctx context.Context, f *Fetcher, with map[string]any, state json.RawMessage) (Page, error)
}

// Page is one look at a source.
type Page struct {
	Items []Found // in the order of the source
	// State is what the source wants to be given the next time: a server's token, an ETag.
	State json.RawMessage
	// Unchanged says that the server knew that nothing is new; Items is empty then, and means nothing.
	Unchanged bool
	// Whole says that the source is one thing rather than a list: that its item is another one is no sign of loss.
	Whole bool
	// Date is the server's clock, milliseconds UTC; 0 when it did not say.
	Date int64
}

// Found is one item of a source.
type Found struct {
	ID   string // what makes it the same item when it is seen again; never empty
	At   int64  // its own time, milliseconds UTC; 0 when it has none
	Data map[string]any
}

// Interval bounds of polling.
const (
	LeastInterval   = time.Minute
	DefaultInterval = 15 * time.Minute
	MostInterval    = 31 * 24 * time.Hour
)

// Fetcher is the exit that sources use: reads over HTTP with everything that holds for Call.HTTP. It is safe for
// concurrent use.
type Fetcher struct {
	exits Exits
	wire  *wire
}

// NewFetcher makes one; the exits are used concurrently.
func NewFetcher(ex Exits) *Fetcher { return &Fetcher{exits: ex, wire: newWire(ex)} }

// MaxPage bounds what one look may read, in bytes.
const MaxPage = 2 << 20

// fetchTimeout bounds one look.
const fetchTimeout = time.Minute

// Get reads an address. An answer of 304 is no error. Errors as of Call.HTTP; the answer may have up to MaxPage bytes.
func (f *Fetcher) Get(ctx context.Context, r Request) (*Response, error) {
	c := &Call{task: engine.Task{Account: r.Account}, exits: f.exits, wire: f.wire, dry: true}
	r.Method, r.Body, r.SendKey, r.limit = "GET", nil, false, MaxPage
	if r.Timeout <= 0 {
		r.Timeout = fetchTimeout
	}
	r.Expect = func(status int) bool { return status/100 == 2 || status == 304 }
	resp, err := c.HTTP(ctx, r)
	if err != nil {
		failure := c.mask.failure(failureOf(err, c.hasSent()))
		fault := &Fault{Failure: failure, Err: err}
		if strings.Contains(fault.Hint, "allow_private") { // it speaks of a step
			fault = fault.WithHint("If you mean a machine in your own network, set allow_private: true in what starts this flow.")
		}
		return nil, fault
	}
	return resp, nil
}
