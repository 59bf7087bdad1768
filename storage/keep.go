package storage

import "time"

// Keep says how long each class of data is kept after it is over. Zero keeps a class for ever. What is not over, a
// run that waits, a card that is open, is kept in any case.
type Keep struct {
	Payloads time.Duration // what events and steps of ended runs said
	History  time.Duration // ended runs with their journals; events and what became of them
	Keys     time.Duration // by which an event that comes twice is known, since it was last offered
	Outbox   time.Duration // notices that were delivered, cards that are no longer open
	Inbox    time.Duration // ids of deliveries from chat that were worked off
	Messages time.Duration // what stands in the console's channels
	Audit    time.Duration // who did what; at least AuditLeast

	// Flows have their own times for Payloads and History; zero there means as above.
	Flows map[string]FlowKeep
}

// FlowKeep is what one flow says about its runs.
type FlowKeep struct{ Payloads, History time.Duration }

const day = 24 * time.Hour

// AuditLeast is how long the audit is kept at least.
const AuditLeast = 365 * day

// KeepDefault is what holds until somebody says otherwise.
func KeepDefault() Keep {
	return Keep{Payloads: 90 * day, History: 365 * day, Keys: 365 * day, Outbox: 30 * day, Inbox: 7 * day, Messages: 365 * day, Audit: 10 * 365 * day}
}

// Of gives the times for one flow's runs. A journal is never gone before its payloads are.
func (k Keep) Of(flow string) FlowKeep {
	out := k.Flows[flow]
	if out.Payloads == 0 {
		out.Payloads = k.Payloads
	}
	if out.History == 0 {
		out.History = k.History
	}
	return out
}

// Before is the time before which what was over is forgotten, in milliseconds; 0 when nothing is.
func Before(now int64, keep time.Duration) int64 {
	if keep <= 0 {
		return 0
	}
	return max(now-keep.Milliseconds(), 0)
}

// Swept is how much was forgotten.
type Swept struct {
	Payloads int // runs whose payloads went
	Runs     int
	Events   int
	Keys     int
	Outbox   int
	Inbox    int
	Messages int
	Audit    int
	Blobs    int // files
}

// Sum is everything together.
func (s Swept) Sum() int {
	return s.Payloads + s.Runs + s.Events + s.Keys + s.Outbox + s.Inbox + s.Messages + s.Audit + s.Blobs
}

// KeyTouch is how old a dedup key has to be for another offer of it to be written down: its time counts from then on.
// An item that stands in a feed for years is known for as long as it is offered.
const KeyTouch = 7 * day

// Touch says whether an offer at a time makes a key young again.
func Touch(at, offered int64) bool { return offered-at > KeyTouch.Milliseconds() }
