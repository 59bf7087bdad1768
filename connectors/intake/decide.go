package intake

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// place is where a polled trigger stands (R13): what its source wants to be told, the greatest time seen, and the ids
// that were there, those at that time among them. Which keys were ever offered the store knows; the ids here tell what
// is new before it is offered.
type place struct {
	State []byte   `json:"state,omitempty"` // the source's own
	Top   int64    `json:"top,omitempty"`   // the greatest item's time, never ahead of the server's clock
	Seen  []string `json:"seen"`            // hashes of ids, those seen last at the end
	Held  *hold    `json:"held,omitempty"`
	// Check says that this place comes from a backup: what is new at the first look may have been handled since, by the
	// bot that went on. Storage sets it (MarkRestored).
	Check bool `json:"check,omitempty"`
}

// hold says that more came at once than was allowed, and what people said to that.
type hold struct {
	Count  int    `json:"count"`
	At     int64  `json:"at"`
	Answer string `json:"answer,omitempty"` // "" while nobody said anything
}

// Answers to a flood.
const (
	FloodTake = "take" // start a run for each
	FloodSkip = "skip" // count them as known
)

// Bounds of what a place remembers: all of the last page, and more.
const (
	leastSeen = 1000
	mostSeen  = 5000
)

// finding is what one look comes to.
type finding struct {
	offer    []connectors.Found // new, oldest first
	baseline []connectors.Found // count as known
	moved    int                // of the baseline, those that count as known because nothing known is left
	flood    []connectors.Found // too many: nothing of it is offered
	place    place
}

// decide compares a page with where the trigger stands; at is nil at the first look. It is pure.
func decide(at *place, page connectors.Page, most int, now int64) finding {
	if at == nil {
		f := finding{baseline: page.Items, place: place{State: page.State, Seen: []string{}}}
		f.place.learn(page, page.Items, now)
		return f
	}
	f := finding{place: place{State: page.State, Top: at.Top, Seen: at.Seen}}
	if page.Unchanged {
		f.place.Held = at.Held // and it is as it was when the backup was made
		return f
	}
	known := map[string]bool{}
	for _, id := range at.Seen {
		known[id] = true
	}
	var fresh []connectors.Found
	for _, it := range page.Items {
		if !known[idHash(it.ID)] {
			fresh = append(fresh, it)
		}
	}
	answer := ""
	if at.Held != nil {
		answer = at.Held.Answer
	}
	switch {
	case answer == FloodSkip:
		f.baseline, fresh = fresh, nil
	case answer == "" && at.Check && len(fresh) > 0:
		f.flood = fresh
		f.place = *at
		f.place.Held = &hold{Count: len(fresh), At: now}
		return f
	case answer == FloodTake, page.Whole:
	default:
		if len(fresh) == len(page.Items) && len(at.Seen) > 0 {
			// Nothing that was known is left, so that nothing says which of the rest are new, apart from their times.
			fresh = slices.DeleteFunc(fresh, func(it connectors.Found) bool {
				old := at.Top == 0 || it.At <= at.Top
				if old {
					f.baseline = append(f.baseline, it)
				}
				return old
			})
			f.moved = len(f.baseline)
		}
		if len(fresh) > most {
			f.flood = fresh
			f.place = *at
			f.place.Held = &hold{Count: len(fresh), At: now}
			f.baseline, f.moved = nil, 0
			return f
		}
	}
	f.offer = oldestFirst(fresh)
	f.place.learn(page, page.Items, now)
	return f
}

// learn remembers items as seen.
func (p *place) learn(page connectors.Page, items []connectors.Found, now int64) {
	clock := now
	if page.Date > 0 {
		clock = page.Date
	}
	here := make(map[string]bool, len(items))
	ids := make([]string, 0, len(items))
	for i := len(items) - 1; i >= 0; i-- {
		id := idHash(items[i].ID)
		if !here[id] {
			here[id] = true
			ids = append(ids, id)
		}
		p.Top = max(p.Top, min(items[i].At, clock))
	}
	older := slices.DeleteFunc(slices.Clone(p.Seen), func(id string) bool { return here[id] })
	p.Seen = append(older, ids...)
	if room := min(max(4*len(ids), leastSeen), mostSeen); len(p.Seen) > room {
		p.Seen = p.Seen[len(p.Seen)-room:]
	}
}

// oldestFirst orders items for offering: by their times where all have one, else as the source has them, from the end.
func oldestFirst(items []connectors.Found) []connectors.Found {
	out := slices.Clone(items)
	slices.Reverse(out)
	if !slices.ContainsFunc(out, func(it connectors.Found) bool { return it.At == 0 }) {
		slices.SortStableFunc(out, func(a, b connectors.Found) int {
			switch {
			case a.At < b.At:
				return -1
			case a.At > b.At:
				return 1
			}
			return 0
		})
	}
	return out
}

func idHash(id string) string {
	sum := sha256.Sum256([]byte(id))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

func offered(items []connectors.Found) []engine.Item {
	out := make([]engine.Item, len(items))
	for i, it := range items {
		out[i] = engine.Item{Key: it.ID, Data: it.Data}
	}
	return out
}
