package main

import (
	"fmt"
	"strings"
	"testing"
)

// Issue 5, 3 to 5, from a shell: a run is run again, undone and moved; without --yes nothing happens, and who may not do it
// in chat may not do it here.
func TestMendFromAShell(t *testing.T) {
	b, rc := opsRoom(t), newReceiver(t)
	rc.set(wantsProjectAt("/nowhere"))
	b.cli("person", "add", "vic", "--role", "viewer")
	b.cli("person", "add", "mia", "--role", "admin")
	flow := func(more string) string {
		return hookFlow("plain", fmt.Sprintf(`
  - id: row
    do: table.row.upsert
    with: {table: seen, key: title, row: {title: "{{ event.body.title }}", times: "{{ event.body.times }}"}, columns: [{name: title, unique: true}, {name: times, type: integer}]}
  - id: review
    when: "{{ event.body.wait ?? false }}"
    ask: choice
    with: {title: "Go on?", by: {any: ["@mia"]}, options: ["yes", "no"]}
  - id: ticket
    do: http.request
    with: {method: POST, url: "%s/tickets", allow_private: true, json: {title: "{{ event.body.title }}"%s}}
`, rc.URL, more))
	}
	refused := func(args ...string) string {
		t.Helper()
		out, code := b.try("", args...)
		if code == 0 {
			t.Errorf("%v is allowed", args)
		}
		return out
	}
	b.apply(flow(""))
	b.await(b.send("plain", `{"title": "one", "times": 1}`), "done")
	b.await(b.send("plain", `{"title": "one", "times": 2}`), "done")

	// undo
	out := b.cli("run", "undo", "#2")
	for _, words := range []string{"Undo #2", "▲ write Put back rows of seen", "nothing says how http.request is undone", "Nothing has happened"} {
		if !strings.Contains(out, words) {
			t.Errorf("the plan does not say %q:\n%s", words, out)
		}
	}
	if errs := refused("run", "undo", "2", "--yes", "--as", "vic"); !strings.Contains(errs, "You may look at flows here") {
		t.Errorf("vic is told %q", errs)
	}
	if out := b.cli("run", "undo", "2", "--step", "row", "--yes", "--as", "ann"); !strings.Contains(out, "#2 → #3") {
		t.Fatalf("got %s", out)
	}
	b.await(3, "done")
	if out := b.cli("chat", "--as", "ann", "--in", "#ops", "-m", "/flow table export seen"); !strings.Contains(out, "one,1") {
		t.Errorf("the row is not as it was: %s", out)
	}
	if errs := refused("run", "undo", "2", "--step", "row", "--yes"); !strings.Contains(errs, "nothing of #2 that can be undone") {
		t.Errorf("undone twice: %q", errs)
	}
	// The first run's row was written over and put back, so it is as that run left it: it made it, and undoing deletes it.
	b.cli("run", "undo", "1", "--step", "row", "--yes", "--as", "ann")
	b.pressOn("mia", b.card("mia", "#ops", "plain #4", "Put back rows of seen"), "approve")
	b.await(4, "done")
	if out := b.cli("chat", "--as", "ann", "--in", "#ops", "-m", "/flow table show seen"); strings.Contains(out, "one") {
		t.Errorf("the row is still there: %s", out)
	}

	// again
	out = b.cli("run", "again", "1", "--from", "ticket")
	if !strings.Contains(out, "Run #1 again from ticket") || !strings.Contains(out, "row") || len(rc.at("/tickets")) != 2 {
		t.Errorf("the plan is\n%s", out)
	}
	refused("run", "again", "1", "--yes", "--as", "vic")
	refused("run", "again", "1", "--from", "tickt")
	b.cli("run", "again", "1", "--from", "ticket", "--yes")
	b.await(5, "done")
	if n := len(rc.at("/tickets")); n != 3 {
		t.Errorf("%d requests", n)
	}

	// move
	b.await(b.send("plain", `{"title": "two", "times": 1, "wait": true}`), "waiting")
	b.apply(flow(`, project: "WEB"`))
	if out := b.cli("run", "move", "plain"); !strings.Contains(out, "Bring 1 run that waits to version 2") {
		t.Errorf("the plan is\n%s", out)
	}
	if errs := refused("run", "move", "plain", "--yes", "--as", "vic"); !strings.Contains(errs, "You may look at flows here") {
		t.Errorf("vic is told %q", errs)
	}
	if out := b.cli("run", "move", "plain", "--run", "6", "--yes"); !strings.Contains(out, "#6 → #7") {
		t.Fatalf("got %s", out)
	}
	b.await(6, "cancelled")
	b.pressOn("mia", b.card("mia", "#ops", "plain #7", "Go on?"), "choose0")
	b.await(7, "done")
	if got := rc.at("/tickets"); got[len(got)-1].Body != `{"project":"WEB","title":"two"}` {
		t.Errorf("sent %s", got[len(got)-1].Body)
	}
	if out := b.cli("run", "move", "plain", "--yes", "--json"); !strings.Contains(out, `"plan": []`) {
		t.Errorf("got %s", out)
	}
}
