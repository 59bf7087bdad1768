package flow

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/bretelle/bretelle/engine"
)

// Admission is what limits say about when a run may begin. The zero value lets every run begin at once.
type Admission struct {
	Most     int    // runs at once; 0 is no limit
	Per      *Value // counted apart by this; nil: all together
	Full     string // when_full: queue, drop, replace or coalesce
	Order    *Value // runs of one key begin one after the other; nil: no order
	Accounts []AccountLimit
	Budgets  []Budget
}

// Budget is how many calls of a risk a flow makes in any window of Per. Above it people are asked.
type Budget struct {
	Risk engine.Risk
	Most int
	Per  time.Duration // 0: Most is 0, and people are asked each time
	Pos  engine.Pos
}

// AccountLimit is how many calls of an account are made at once.
type AccountLimit struct {
	Name string
	Most int
	Pos  engine.Pos
}

// OfAccount is how many calls of an account may be made at once; 0 is no limit.
func (a Admission) OfAccount(name string) int {
	for _, l := range a.Accounts {
		if l.Name == name && name != "" {
			return l.Most
		}
	}
	return 0
}

// Gather is `debounce` or `batch` of a trigger: events wait before they become a run.
type Gather struct {
	Batch bool          // one run for all of them; else for the last one alone
	For   time.Duration // of a batch: after the first; else: so long nothing may have come
	Most  int           // of a batch: so many at most; 0 is DefaultBatch
	Until time.Duration // of a debounce: after the first one at the latest; 0 is no limit
	Per   *Value        // collected apart by this; nil: all together
	Pos   engine.Pos
}

// DefaultBatch is how many events a batch has at most where nothing is said, MaxGathered how many it may be told to have.
const (
	DefaultBatch = 100
	MaxGathered  = 1000
)

// Expect is `expect` of a trigger: people are told when fewer events come.
type Expect struct {
	AtLeast int
	Every   time.Duration
	Pos     engine.Pos
}

var rate = regexp.MustCompile(`^([0-9]{1,9})(/(s|m|h|d|w))?$`)

// limits are kept as written beside what is made of them.
func (p *parser) limits(n *yaml.Node, f *Flow) {
	m := p.fields(n, "limits", "limits", "concurrency", "per", "when_full", "order", "account", "budget", "time")
	if v := m["concurrency"]; v != nil {
		f.Admission.Most = p.count(v, "limits.concurrency", 1, 1000)
	}
	f.Admission.Per, f.Admission.Order = p.keyed(m["per"], "limits.per"), p.keyed(m["order"], "limits.order")
	f.Admission.Full = "queue"
	if v := m["when_full"]; v != nil {
		f.Admission.Full = p.choice(v, "limits.when_full", "queue", "drop", "replace", "coalesce")
	}
	if v := m["account"]; v != nil {
		f.Admission.Accounts = p.accounts(v)
	}
	if v := m["budget"]; v != nil {
		b := p.fields(v, "limits.budget", "a budget", "read", "write", "send", "destroy")
		for _, risk := range []engine.Risk{engine.Read, engine.Write, engine.Send, engine.Destroy} {
			if v := b[risk.String()]; v != nil {
				f.Admission.Budgets = p.budget(v, risk, f.Admission.Budgets)
			}
		}
	}
	if v := m["time"]; v != nil {
		f.Longest = p.duration(v, "limits.time")
	}
	if m != nil {
		f.Limits = p.value(n, "limits")
	}
}

// unitOf is how long a unit of a rate is.
func unitOf(unit string) time.Duration {
	const day = 24 * time.Hour
	return map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": day, "w": 7 * day}[unit]
}

func (p *parser) budget(n *yaml.Node, risk engine.Risk, list []Budget) []Budget {
	where := "limits.budget." + risk.String()
	s, ok := p.word(n, where)
	if !ok {
		return list
	}
	m := rate.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		p.bad(n, where, `"{text}" is not a budget`, "Write how many in which time: 50/h, 1000/d, or 0 for none.", "text", short(s))
		return list
	}
	most, _ := strconv.Atoi(m[1]) // nine digits at most
	if most > 0 && m[3] == "" {
		p.bad(n, where, `"{text}" does not say in which time`, "Write how many in which time: {example}/h, or {example}/d.", "text", short(s), "example", m[1])
		return list
	}
	return append(list, Budget{Risk: risk, Most: most, Per: unitOf(m[3]), Pos: at(n)})
}

func (p *parser) accounts(n *yaml.Node) (out []AccountLimit) {
	list, _ := p.members(n, "limits.account")
	for _, m := range list {
		where := join("limits.account", short(m.key))
		out = append(out, AccountLimit{Name: m.key, Most: p.count(m.value, where, 1, 1000), Pos: at(m.name)})
	}
	return out
}

// gather reads debounce or batch.
func (p *parser) gather(n *yaml.Node, batch bool) *Gather {
	where, keys := "trigger.debounce", []string{"for", "per", "most"}
	if batch {
		where = "trigger.batch"
	}
	g := &Gather{Batch: batch, Pos: at(n)}
	m := p.fields(n, where, where[len("trigger."):], keys...)
	if m == nil {
		return g
	}
	if v := m["for"]; v != nil {
		g.For = p.duration(v, where+".for")
	} else if !batch || m["most"] == nil {
		p.bad(n, where+".for", "it does not say how long to wait", `Add "for: 30s".`)
	}
	switch v := m["most"]; {
	case v == nil:
	case batch:
		g.Most = p.count(v, where+".most", 1, MaxGathered)
	default:
		g.Until = p.duration(v, where+".most")
		if g.Until > 0 && g.Until < g.For {
			p.bad(v, where+".most", `"most" is shorter than "for"`, "It is how long it may take in all, from the first event on.")
		}
	}
	g.Per = p.keyed(m["per"], where+".per")
	return g
}

// keyed reads what things are told apart by: text or an expression; nil for nothing.
func (p *parser) keyed(n *yaml.Node, where string) *Value {
	if n == nil {
		return nil
	}
	if _, ok := p.word(n, where); !ok {
		return nil
	}
	return p.value(n, where)
}

func (p *parser) expect(n *yaml.Node) *Expect {
	e := &Expect{AtLeast: 1, Pos: at(n)}
	m := p.fields(n, "trigger.expect", "expect", "at_least", "every")
	if m == nil {
		return e
	}
	if v := m["at_least"]; v != nil {
		e.AtLeast = p.count(v, "trigger.expect.at_least", 1, 1_000_000)
	}
	if v := m["every"]; v == nil {
		p.bad(n, "trigger.expect.every", "it does not say in which time", `Add "every: 1d".`)
	} else if e.Every = p.duration(v, "trigger.expect.every"); e.Every > 0 && e.Every < time.Minute {
		p.bad(v, "trigger.expect.every", "this is shorter than a minute", `Write a longer time, like "every: 1h".`)
	}
	return e
}
