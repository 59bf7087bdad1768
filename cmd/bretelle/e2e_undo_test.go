package main

import (
	"fmt"
	"strings"
	"testing"
)

// Issue 5: "Undo for actions that declare an inverse, and of a whole run, planned and gated like anything else".
func TestUndoARun(t *testing.T) {
	b, rc := opsRoom(t), newReceiver(t)
	rc.set(wantsProjectAt("/nowhere"))
	b.cli("person", "add", "mia", "--role", "admin")
	b.apply(hookFlow("plain", fmt.Sprintf(`
  - id: ticket
    do: http.request
    with: {method: POST, url: "%s/tickets", allow_private: true, json: {title: "{{ event.body.title }}"}}
    undo:
      do: http.request
      with: {method: DELETE, url: "%[1]s/tickets/{{ result.body.id }}", allow_private: true}
  - id: other
    do: http.request
    with: {method: POST, url: "%[1]s/other", allow_private: true}
  - {id: tell, do: chat.message.post, with: {to: "#ops", text: "Ticket {{ steps.ticket.body.id }}"}}
`, rc.URL)))
	b.await(b.send("plain", `{"title": "one"}`), "done")
	b.card("ann", "#ops", "Ticket 1")

	out := b.cli("chat", "--as", "ann", "--in", "#ops", "-m", "/flow undo #1")
	for _, words := range []string{"Undo #1", "DELETE", "/tickets/1", "nothing says how http.request is undone", "tell"} {
		if !strings.Contains(out, words) {
			t.Errorf("the plan does not say %q:\n%s", words, out)
		}
	}
	if n := len(rc.requests()); n != 2 {
		t.Fatalf("%d requests before anybody agreed", n)
	}
	if out := b.cli("chat", "--as", "ann", "--in", "#ops", "--press", "undo_run"); !strings.Contains(out, "#1 is being undone as #2") {
		t.Fatalf("got %q", out)
	}
	approved := map[string]bool{} // both destroy: each is asked for, and not of who asked for it
	eventually(t, func() bool {
		for _, c := range b.cards("mia", "#ops") {
			if c.State == "open" && c.offers("approve") && !approved[c.Text] {
				approved[c.Text] = true
				b.pressOn("mia", c, "approve")
			}
		}
		return len(approved) == 2
	}, func() string { return b.transcript("mia", "#ops") })
	b.await(2, "done")
	if got := rc.at("/tickets/1"); len(got) != 1 || got[0].Method != "DELETE" {
		t.Errorf("sent %+v", got)
	}
	for _, m := range b.cards("ann", "#ops") {
		if m.Text == "Ticket 1" {
			t.Errorf("the message stands: %+v", m)
		}
	}
	if out := b.cli("chat", "--as", "ann", "--in", "#ops", "-m", "/flow undo #1"); !strings.Contains(out, "#2 has undone it") || !strings.Contains(out, "There is nothing that can be undone") {
		t.Errorf("undone twice: %q", out)
	}
}
