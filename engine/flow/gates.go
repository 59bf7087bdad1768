package flow

import (
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// Throttle lets so many runs on in any window of Per; the others wait their turn.
type Throttle struct {
	Most int
	Per  time.Duration
	By   *Value // counted apart by this; nil: all together
}

// Dedupe lets the first run with a key on, and no other for a while.
type Dedupe struct {
	Key  *Value
	For  time.Duration
	Skip bool // the others go on, and the step says that they are not the first; else they end
}

func (p *parser) throttle(n *yaml.Node, where string) *Throttle {
	where = join(where, "throttle")
	m := p.fields(n, where, "throttle", "rate", "per")
	if m == nil {
		return nil
	}
	v := m["rate"]
	if v == nil {
		p.bad(n, where, "the step does not say how many in which time", "Write throttle: {rate: 10/m}.")
		return nil
	}
	s, ok := p.word(v, join(where, "rate"))
	if !ok {
		return nil
	}
	r := rate.FindStringSubmatch(strings.TrimSpace(s))
	if r == nil || r[3] == "" || strings.Trim(r[1], "0") == "" {
		p.bad(v, join(where, "rate"), `"{text}" is not a rate`, "Write how many in which time: 10/m, 100/h.", "text", short(s))
		return nil
	}
	most, _ := strconv.Atoi(r[1]) // nine digits at most
	return &Throttle{Most: most, Per: unitOf(r[3]), By: p.keyed(m["per"], join(where, "per"))}
}

func (p *parser) dedupe(n *yaml.Node, where string) *Dedupe {
	where = join(where, "dedupe")
	m := p.fields(n, where, "dedupe", "key", "for", "then")
	if m == nil {
		return nil
	}
	d := &Dedupe{Key: p.keyed(m["key"], join(where, "key"))}
	if m["key"] == nil {
		p.bad(n, where, "the step does not say what it knows the same thing by", `Add key: "{{ event.body.id }}".`)
	}
	if v := m["for"]; v != nil {
		d.For = p.duration(v, join(where, "for"))
	} else {
		p.bad(n, where, "the step does not say how long it remembers", "Add for: 1d.")
	}
	if v := m["then"]; v != nil {
		d.Skip = p.choice(v, join(where, "then"), "stop", "skip") == "skip"
	}
	if d.Key == nil || d.For <= 0 {
		return nil
	}
	return d
}
