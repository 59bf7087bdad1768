package check

import (
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

const webhook = "webhook.received"

var webhookPath = regexp.MustCompile(`^[a-z0-9][a-z0-9/_-]*$`)

// delivering are the senders that number their deliveries (CONTRACTS, "Events").
var delivering = []string{"github", "stripe", "slack", "standard-webhooks"}

func (c *checker) trigger() {
	t := c.f.Trigger
	sc := scope{env: TriggerEnv(c.f, c.c)}
	c.cond(t.When, "trigger.when", sc)
	v := value{c, sc, false}
	v.check(t.Key, textSchema, "trigger.key")
	if t.Key != nil && t.Key.Segments == nil {
		c.bad(t.Key.Pos, "trigger.key", "the key is the same for every event, so only the first one would start a run",
			`Make it of the event: "{{ event.body.id }}".`)
	}
	if per := c.f.Limits.Get("per"); per != nil {
		v.check(per, nil, "limits.per")
	}
	kind, ok := c.c.Trigger(t.On)
	if !ok {
		if t.On != "" {
			c.unknown(c.f.Place("trigger.on"), "trigger.on", `no trigger is called "{name}"`, t.On, c.c.TriggerNames(), "There are: {names}.")
		}
		return
	}
	found := len(c.problems)
	fixed := value{c, sc, true}
	if t.With == nil {
		fixed.required(c.f.Place("trigger.on"), nil, kind.With, "trigger.with", nil)
	} else {
		fixed.check(t.With, kind.With, "trigger.with")
	}
	if t.On == webhook {
		c.webhook(t)
	}
	if kind.Check != nil && len(c.problems) == found {
		c.own(kind, t)
	}
	if t.On == webhook && t.Key == nil && !numbered(t.With) {
		c.warn(c.f.Place("trigger"), "trigger.key", "every delivery counts as new: nothing tells a repeated one",
			`Add a key that the sender repeats: key: "{{ event.body.id }}".`)
	}
}

func (c *checker) webhook(t flow.Trigger) {
	v := t.With.Get("path")
	if v == nil {
		return
	}
	if text, ok := v.Const.(string); ok && !webhookPath.MatchString(text) {
		c.bad(v.Pos, "trigger.with.path", `"{path}" cannot be a webhook's path`, "Use small letters, digits, - _ and /, beginning with a letter or digit.", "path", clip(text))
	}
}

// own asks the trigger kind for what its schema cannot say.
func (c *checker) own(kind *engine.TriggerKind, t flow.Trigger) {
	found := kind.Check(t.With.Known())
	fields := make([]string, 0, len(found))
	for f := range found {
		fields = append(fields, f)
	}
	sort.Strings(fields)
	for _, f := range fields {
		if e := found[f]; e != nil {
			c.report(engine.SevError, c.fieldPos(t, f), "trigger.with."+f, e.Msg, e.Hint, e.Args)
		}
	}
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

// numbered reports whether the sender gives each delivery an id of its own.
func numbered(with *flow.Value) bool {
	sender := with.Get("sender")
	if sender == nil {
		return false
	}
	kind, _ := sender.Const.(string)
	if k := sender.Get("kind"); k != nil {
		kind, _ = k.Const.(string)
	}
	return slices.Contains(delivering, kind) || sender.Get("delivery") != nil || with.Get("delivery") != nil
}
