package check

import (
	"sort"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

func (c *checker) trigger() {
	t := c.f.Trigger
	sc := scope{env: TriggerEnv(c.f, c.c)}
	c.cond(t.When, "trigger.when", sc)
	v := value{c, sc, false, ""}
	v.check(t.Key, textSchema, "trigger.key")
	if t.Key != nil && t.Key.Segments == nil {
		c.bad(t.Key.Pos, "trigger.key", "the key is the same for every event, so only the first one would start a run",
			`Make it of the event: "{{ event.body.id }}".`)
	}
	c.limits(v)
	kind, ok := c.c.Trigger(t.On)
	if !ok {
		if t.On != "" {
			c.unknown(c.f.Place("trigger.on"), "trigger.on", `no trigger is called "{name}"`, t.On, c.c.TriggerNames(), "There are: {names}.")
		}
		return
	}
	fixed := value{c, sc, true, kind.Store}
	if t.With == nil {
		fixed.required(c.f.Place("trigger.on"), nil, kind.With, "trigger.with", nil)
	} else {
		fixed.check(t.With, kind.With, "trigger.with")
	}
	if kind.Check != nil {
		c.own(kind, t)
	}
	if t.Key == nil && kind.Keyed != nil && !kind.Keyed(t.With.Known()) {
		c.warn(c.f.Place("trigger"), "trigger.key", "every delivery counts as new: nothing tells a repeated one",
			`Add a key that the sender repeats: key: "{{ event.body.id }}".`)
	}
}

// own asks the trigger kind for what its schema cannot say. Where there is something wrong already, once is enough.
func (c *checker) own(kind *engine.TriggerKind, t flow.Trigger) {
	found := kind.Check(t.With.Known())
	fields := make([]string, 0, len(found))
	for f := range found {
		fields = append(fields, f)
	}
	sort.Strings(fields)
	for _, f := range fields {
		where := "trigger.with." + f
		if e := found[f]; e != nil && !c.said(where) {
			c.report(engine.SevError, c.fieldPos(t, f), where, e.Msg, e.Hint, e.Args)
		}
	}
}

// said reports whether there is a problem at a place already, or within it.
func (c *checker) said(where string) bool {
	for _, p := range c.problems {
		if p.Where == where || strings.HasPrefix(p.Where, where+".") {
			return true
		}
	}
	return false
}

// fieldPos is where a field of the settings stands, "sender.kind"; the nearest that is written.
func (c *checker) fieldPos(t flow.Trigger, path string) engine.Pos {
	pos, v := c.f.Place("trigger.on"), t.With
	for _, key := range strings.Split(path, ".") {
		if v = v.Get(key); v == nil {
			break
		}
		pos = v.Pos
	}
	return pos
}
