package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Integers that a float64 would change, one beyond int64, and the edges of int64.
var exactIDs = map[string]string{
	"odd":  "9007199254740993",
	"most": "9223372036854775807",
	"low":  "-9223372036854775808",
	"long": "98765432109876543210",
}

// Issue 2: 64-bit ids unchanged end to end. They go from the delivery through expressions, the approval and its
// dialog, the request's address and body, the answer, the message, and stand in the run as they came.
func TestLongIDsAreUnchanged(t *testing.T) {
	b, rc := opsRoom(t), newReceiver(t)
	var query string
	rc.set(func(_ int, w http.ResponseWriter, r *http.Request, body []byte) {
		query = r.URL.RawQuery
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	})
	b.cli("person", "add", "bob")
	b.cli("group", "set", "team", "bob")
	b.apply(hookFlow("exact", fmt.Sprintf(`  - id: keep
    set:
      odd: '{{ event.body.odd }}'
      next: '{{ event.body.odd + 1 }}'
      found: '{{ filter(event.body.all, # == event.body.most)[0] }}'
  - id: review
    ask: approval
    covers: [send]
    with: {title: "Send {{ event.body.odd }}?", by: {any: ["@team"], need: 1}, edit: [send.json]}
  - id: send
    do: http.request
    with:
      method: POST
      url: %s/{{ event.body.most }}
      allow_private: true
      query: {id: '{{ event.body.low }}', long: '{{ event.body.long }}'}
      json: {odd: '{{ steps.keep.odd }}', most: '{{ event.body.most }}', low: '{{ event.body.low }}', long: '{{ event.body.long }}', written: 9007199254740995}
  - id: tell
    do: chat.message.post
    with: {text: 'odd {{ steps.send.body.odd }}, most {{ steps.send.body.most }}, low {{ steps.send.body.low }}, long {{ steps.send.body.long }}, found {{ steps.keep.found }}'}
`, rc.URL)))
	n := b.send("exact", fmt.Sprintf(`{"odd": %[1]s, "most": %[2]s, "low": %[3]s, "long": %[4]s, "all": [1, %[2]s]}`,
		exactIDs["odd"], exactIDs["most"], exactIDs["low"], exactIDs["long"]))
	c := b.card("bob", "#ops", "Send "+exactIDs["odd"]+"?")
	for name, id := range exactIDs {
		if !strings.Contains(c.Text, id) {
			t.Errorf("the card does not show %s, %s:\n%s", name, id, c.Text)
		}
	}
	// The editor opens the dialog and submits what stands there, as it stands there.
	var shown struct {
		Form struct {
			Fields []struct{ Name, Value string } `json:"fields"`
		} `json:"form"`
	}
	b.jsonOf(&shown, "chat", "--as", "bob", "--in", "#ops", "--press", "edit")
	submit := []string{"chat", "--as", "bob", "--in", "#ops"}
	for _, f := range shown.Form.Fields {
		submit = append(submit, "--submit", f.Name+"="+f.Value)
	}
	b.cli(submit...)
	r := b.await(n, "done")
	got := rc.requests()
	if len(got) != 1 || got[0].Path != "/"+exactIDs["most"] || query != "id="+exactIDs["low"]+"&long="+exactIDs["long"] {
		t.Fatalf("the receiver got %+v, query %s", got, query)
	}
	for name, id := range exactIDs {
		if !strings.Contains(got[0].Body, id) {
			t.Errorf("%s is not in what was sent: %s", name, got[0].Body)
		}
	}
	if !strings.Contains(got[0].Body, "9007199254740995") {
		t.Errorf("the number in the flow's text was changed: %s", got[0].Body)
	}
	b.card("bob", "#ops", "odd "+exactIDs["odd"]+", most "+exactIDs["most"]+", low "+exactIDs["low"]+", long "+exactIDs["long"]+", found "+exactIDs["most"])
	kept := string(r.Steps[0].Output)
	if !strings.Contains(kept, `9007199254740994`) || !strings.Contains(kept, exactIDs["odd"]) || !strings.Contains(kept, exactIDs["most"]) {
		t.Errorf("run show --json: keep gave %s", kept)
	}
	for _, s := range r.Steps {
		if s.Path != "send" {
			continue
		}
		for name, id := range exactIDs {
			if !strings.Contains(string(s.Input), id) || !strings.Contains(string(s.Output), id) {
				t.Errorf("run show --json changes %s, %s: input %s, output %s", name, id, s.Input, s.Output)
			}
		}
	}
	b.kill()
	b.start()
	if again := b.run(n); string(again.Steps[0].Output) != kept {
		t.Errorf("after a restart keep gave %s", again.Steps[0].Output)
	}
}

// Started by hand, and with a form instead of JSON, ids are the same.
func TestLongIDsByHandAndByForm(t *testing.T) {
	b := opsRoom(t)
	b.apply(hookFlow("hand", "  - {id: keep, set: {most: '{{ event.body.most }}', long: '{{ event.body.long }}'}}\n"))
	check := func(n int64) {
		t.Helper()
		var out map[string]json.Number
		d := json.NewDecoder(strings.NewReader(strings.ReplaceAll(string(b.await(n, "done").Steps[0].Output), `"`+exactIDs["long"]+`"`, exactIDs["long"])))
		d.UseNumber()
		if err := d.Decode(&out); err != nil || out["most"].String() != exactIDs["most"] || out["long"].String() != exactIDs["long"] {
			t.Errorf("run %d keeps %v (%v)", n, out, err)
		}
	}
	out, code := b.try(fmt.Sprintf(`{"most": %s, "long": %s}`, exactIDs["most"], exactIDs["long"]), "hook", "send", "hand", "-f", "-", "--json")
	var answers []hookAnswer
	if json.Unmarshal([]byte(out), &answers) != nil || code != exitOK || len(answers) != 1 {
		t.Fatalf("hook send: exit %d\n%s", code, out)
	}
	check(answers[0].Run)
	out, code = b.try(fmt.Sprintf(`{"body": {"most": %s, "long": %s}}`, exactIDs["most"], exactIDs["long"]), "flow", "run", "hand", "-f", "-", "--json")
	var started struct{ Run int64 }
	if json.Unmarshal([]byte(out), &started) != nil || code != exitOK {
		t.Fatalf("flow run: exit %d\n%s", code, out)
	}
	check(started.Run)
	a := b.deliver("POST", "hand", map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
		io.MultiReader(strings.NewReader("payload=%7B%22most%22%3A"+exactIDs["most"]+"%2C%22long%22%3A"+exactIDs["long"]+"%7D")))
	check(a.Run)
}
