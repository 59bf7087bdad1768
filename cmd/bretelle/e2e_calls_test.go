package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestFlowsThatCallFlows: a flow calls another one that asks a person; the bot is killed while it waits; what was
// approved is called once, its result comes back, two flows hear of it, and the first goes on when one of them answers.
func TestFlowsThatCallFlows(t *testing.T) {
	t.Parallel()
	b, rc := opsRoom(t), newReceiver(t)
	b.cli("person", "add", "bob")
	b.cli("group", "set", "ops", "bob")
	called := fmt.Sprintf(`
flow: ticket
channel: "#ops"
trigger: {on: flow.called, with: {input: {title: {type: string, required: true}}}}
steps:
  - id: review
    ask: approval
    covers: [make]
    with: {title: "Ticket for {{ event.input.title }}?", by: {any: ["@ops"]}}
  - id: make
    do: http.request
    with: {method: POST, url: "%s/tickets", allow_private: true, json: {title: "{{ event.input.title }}"}}
output: {id: "{{ steps.make.body.id }}", title: "{{ event.input.title }}"}
`, rc.URL)
	listener := func(name string) string {
		return fmt.Sprintf(`
flow: %s
channel: "#ops"
trigger: {on: event.emitted, with: {event: ticket-made}}
steps:
  - id: note
    do: http.request
    with: {method: POST, url: "%s/%[1]s", allow_private: true, json: {id: "{{ event.data.id }}", key: "{{ event.key }}"}}
`, name, rc.URL)
	}
	b.apply(called)
	b.apply(listener("left"))
	b.apply(listener("right"))
	b.apply(hookFlow("calls", fmt.Sprintf(`
  - id: sub
    call: {flow: ticket, version: 1, with: {title: "{{ event.body.title }}"}}
  - id: tell
    emit: {event: ticket-made, key: "{{ event.body.title }}", data: {id: "{{ steps.sub.output.id }}"}}
  - id: sold
    wait: {event: {name: ticket-sold, key: "{{ steps.sub.output.id }}"}, for: 2d}
  - id: close
    do: http.request
    with: {method: POST, url: "%s/close", allow_private: true, json: {by: "{{ steps.sold.event.data.by }}", title: "{{ steps.sub.output.title }}"}}
`, rc.URL)))
	n := b.send("calls", `{"title": "crash"}`)
	b.card("bob", "#ops", "Ticket for crash?")
	caller := b.await(n, "waiting")
	child := b.runs()[0]
	if child.Flow != "ticket" || child.State != "waiting" {
		t.Fatalf("the newest run is %+v", child)
	}
	if out := b.cli("run", "show", fmt.Sprint(n), "--json"); !strings.Contains(out, fmt.Sprintf(`"number": %d`, child.Number)) {
		t.Errorf("run #%d does not show whom it called: %s", n, out)
	}
	b.kill()
	b.start()
	if len(rc.requests()) != 0 {
		t.Fatalf("called before anybody approved: %v", rc.requests())
	}
	b.cli("chat", "--as", "bob", "--in", "#ops", "--press", "approve")
	b.await(child.Number, "done")
	eventually(t, func() bool { return len(rc.requests()) == 3 && b.run(n).State == "waiting" }, func() string {
		return fmt.Sprintf("%v\n%+v", rc.requests(), b.run(n))
	})
	b.kill()
	b.start()
	if out := b.cli("signal", "ticket-sold", "1"); !strings.Contains(out, "0 flows listen, 1 runs were waiting") {
		t.Errorf("signal said %q", out)
	}
	b.await(n, "done")
	paths := map[string]int{}
	for _, r := range rc.requests() {
		paths[r.Path]++
	}
	for _, p := range []string{"/tickets", "/left", "/right", "/close"} {
		if paths[p] != 1 {
			t.Errorf("%d calls of %s", paths[p], p)
		}
	}
	if caller.Version != 1 || len(b.runs()) != 4 {
		t.Errorf("%d runs, wanted 4", len(b.runs()))
	}
	if out := b.cli("signal", "ticket-made", "again"); strings.Count(out, "accepted, run #") != 2 {
		t.Errorf("signal said %q", out)
	}

	// Both ways: the caller's end cancels the called run, and the called run's end fails the caller's step.
	n = b.send("calls", `{"title": "leak"}`)
	b.card("bob", "#ops", "Ticket for leak?")
	child = b.runs()[0]
	b.cli("run", "cancel", fmt.Sprint(n))
	b.await(child.Number, "cancelled")
	n = b.send("calls", `{"title": "noise"}`)
	b.card("bob", "#ops", "Ticket for noise?")
	child = b.runs()[0]
	b.cli("run", "cancel", fmt.Sprint(child.Number))
	got := b.await(n, "parked")
	if e := got.Steps[0].Error; e == nil || !strings.Contains(e.Message, "was cancelled") {
		t.Errorf("the step failed with %+v", e)
	}
}
