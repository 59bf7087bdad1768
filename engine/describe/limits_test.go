package describe_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine/describe"
	"github.com/bretelle/bretelle/engine/flow"
)

// Steps that count and collect runs, in words.
func TestGates(t *testing.T) {
	for _, x := range []struct{ step, want string }{
		{`throttle: {rate: 10/m}`, "at most 10 in 1m, the others wait their turn"},
		{`throttle: {rate: 10/m, per: "{{ event.body.customer }}"}`, "at most 10 in 1m of each customer, the others wait their turn"},
		{`dedupe: {key: "{{ event.body.order }}", for: 1d}`, "only the first of order in 1d, the others end here"},
		{`dedupe: {key: "{{ event.body.order }}", for: 1d, then: skip}`, "whether order is new in 1d"},
		{`digest: {item: "{{ event.body.title }}", at: "every weekday at 9:00"}`, "title is collected, and goes on together: every weekday at 9:00"},
		{`digest: {items: "{{ event.body.rows }}", for: 1h, most: 20}`, "rows is collected, and goes on together: 1h after the first, or when there are 20"},
		{`digest: {item: "{{ event.body.title }}", for: 1h}`, "title is collected, and goes on together: 1h after the first"},
		{`digest: {item: "{{ event.body.title }}", every: 2h, most: 5, per: "{{ event.body.team }}"}`, "title is collected for each team, and goes on together: every 2h, or when there are 5"},
		{`digest: {item: "{{ event.body.title }}", most: 5}`, "title is collected, and goes on together: when there are 5"},
	} {
		f, problems := flow.Parse([]byte("flow: x\ntrigger:\n  on: webhook.received\nsteps:\n  - " + x.step + "\n"))
		if problems.Bad() {
			t.Fatalf("%s: %v", x.step, problems)
		}
		if got := describe.Step(f.Steps[0], nil).String(); got != x.want {
			t.Errorf("got %q, want %q", got, x.want)
		}
	}
}

// What a flow limits is said in words; a flow that limits nothing says nothing.
func TestLimits(t *testing.T) {
	for _, x := range []struct{ trigger, limits, want string }{
		{"", "", ""},
		{"", "{concurrency: 3}", "at most 3 at once"},
		{"", `{concurrency: 3, per: "{{ event.body.customer }}", when_full: drop}`, "at most 3 at once for each customer; what comes while it is full is skipped"},
		{"", "{concurrency: 1, when_full: replace}", "at most 1 at once; a new one takes the place of the oldest while it is full"},
		{"", "{concurrency: 1, when_full: coalesce, time: 2h}", "at most 1 at once; only the newest waits while it is full; a run lasts 2h at most"},
		{"", `{order: "{{ event.body.order }}", account: {shop: 2}}`, "one after the other for each order; 2 calls at once with the account shop"},
		{"", "{budget: {send: 50/h, destroy: 0}}", "50 calls of risk send in 1h; asked before each call of risk destroy"},
		{`debounce: {for: 30s, most: 5m, per: "{{ event.body.id }}"}`, "", "it waits until nothing has come for 30s; but 5m at most; apart for each id"},
		{"batch: {for: 1m, most: 50}", "", "one run for 50 events, or for what comes in 1m"},
		{"batch: {for: 1m}", "", "one run for what comes in 1m"},
		{"batch: {most: 50}", "", "one run for 50 events"},
		{"expect: {at_least: 2, every: 1d}", "", "you are told when fewer than 2 come in 1d"},
	} {
		text := "flow: x\ntrigger:\n  on: webhook.received\n"
		if x.trigger != "" {
			text += "  " + x.trigger + "\n"
		}
		if x.limits != "" {
			text += "limits: " + x.limits + "\n"
		}
		f, problems := flow.Parse([]byte(text + "steps:\n  - stop: true\n"))
		if problems.Bad() {
			t.Fatalf("%s: %v", text, problems)
		}
		var got []string
		for _, l := range describe.Limits(f) {
			got = append(got, l.String())
		}
		if s := strings.Join(got, "; "); s != x.want {
			t.Errorf("got %q, want %q", s, x.want)
		}
	}
}
