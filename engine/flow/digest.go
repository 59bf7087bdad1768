package flow

import (
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/bretelle/bretelle/engine/calendar"
)

// Digest collects what runs bring, and lets one of them go on with all of it. One of Item and Items is set; so is one of
// For, Times and Most at least.
type Digest struct {
	Item  *Value             // what a run adds
	Items *Value             // a list, of which it adds each element
	Per   *Value             // collected apart by this; nil: all together
	For   time.Duration      // it goes out so long after its first item; 0: not
	Times *calendar.Schedule // it goes out at the next of these, UTC unless told otherwise; nil: not
	When  string             // Times as written: "every weekday at 9:00", "1h", "0 9 * * 1-5"
	Most  int                // it goes out when it has so many items; 0: MaxDigest
	Skip  bool               // runs that only added go on, and the step says that it did not go out; else they end
}

// MaxDigest is how many items a digest has at most: it goes out then, whatever else is said.
const MaxDigest = 1000

func (p *parser) digest(n *yaml.Node, where string) *Digest {
	where = join(where, "digest")
	m := p.fields(n, where, "digest", "item", "items", "per", "for", "at", "every", "cron", "most", "then")
	if m == nil {
		return nil
	}
	d := &Digest{Per: p.keyed(m["per"], join(where, "per"))}
	switch one, many := m["item"], m["items"]; {
	case one != nil && many != nil:
		p.bad(many, join(where, "items"), "a digest takes item or items, not both", "item adds one thing, items each element of a list.")
	case one != nil:
		d.Item = p.value(one, join(where, "item"))
	case many != nil:
		d.Items = p.value(many, join(where, "items"))
	default:
		p.bad(n, where, "the step does not say what it adds", `Add item: "{example}".`, "example", "{{ event.body.title }}")
	}
	timed := 0
	for _, key := range []string{"for", "at", "every", "cron"} {
		v := m[key]
		if v == nil {
			continue
		}
		if timed++; timed > 1 {
			p.bad(v, join(where, key), "a digest goes out by one time", "Keep one of for, at, every and cron.")
			continue
		}
		if key == "for" {
			d.For = p.duration(v, join(where, key))
		} else {
			p.times(d, v, key, join(where, key))
		}
	}
	if v := m["most"]; v != nil {
		d.Most = p.count(v, join(where, "most"), 1, MaxDigest)
	} else if timed == 0 {
		p.bad(n, where, "the step does not say when the digest goes out", `Add at: "every weekday at 9:00", for: 1h, or most: 20.`)
	}
	if v := m["then"]; v != nil {
		d.Skip = p.choice(v, join(where, "then"), "stop", "skip") == "skip"
	}
	if d.Item == nil && d.Items == nil || d.For == 0 && d.Times == nil && d.Most == 0 {
		return nil
	}
	return d
}

// times reads when a digest goes out.
func (p *parser) times(d *Digest, n *yaml.Node, key, where string) {
	s, ok := p.word(n, where)
	if !ok {
		return
	}
	t, errs := calendar.Parse(map[string]any{key: s}, "")
	for _, err := range errs {
		p.fail(n, where, err)
		return
	}
	if t == nil {
		p.bad(n, where, "It does not say when", `Write one of at: "every weekday at 9:00", every: 5m, or cron: "0 9 * * 1-5".`)
		return
	}
	d.Times, d.When = t, s
	if key == "every" {
		d.When = "every " + s
	}
}

// Due is when a digest goes out whose first item comes at an instant, by its times alone; zero for never.
func (d *Digest) Due(first time.Time, zone *time.Location) time.Time {
	var at time.Time
	if d.For > 0 {
		at = first.Add(d.For)
	}
	if d.Times != nil {
		at = d.Times.In(zone).Next(first)
	}
	return at
}
