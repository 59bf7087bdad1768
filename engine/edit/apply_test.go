package edit_test

import (
	"os"
	"testing"

	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/flow"
)

func apply(t *testing.T, src string, ops ...edit.Op) string {
	t.Helper()
	out, err := edit.Apply([]byte(src), ops...)
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	return string(out)
}

// The example flow, built as the dialogs build it, is the example without its comments.
func TestBuildsBugTriage(t *testing.T) {
	src := string(edit.New(edit.Head{Name: "bug-triage", Title: "Bugs become tickets", Channel: "#triage", On: "webhook.received"}))
	src = apply(t, src, edit.SetTrigger{On: "webhook.received", With: edit.Map{{"path", "github-bugs"}, {"sender", "github"}, {"secret", "github_bugs"}}})
	src = apply(t, src, edit.SetTriggerPart{Part: "when", Value: `{{ event.body.action == "opened" && any(event.body.issue.labels, .name == "bug") }}`})
	src = apply(t, src, edit.AddStep{Step: edit.Map{{"expire", edit.Map{{"after", "3d"}, {"then", "stop"}}}, {"id", "review"}, {"ask", "approval"},
		{"with", edit.Map{{"title", `Ticket for "{{ event.body.issue.title }}"?`}, {"by", edit.Map{{"any", []any{"@triage"}}, {"need", 1}}}, {"edit", []any{"next.json"}}}},
		{"covers", []any{"next"}}}})
	src = apply(t, src, edit.AddStep{After: "review", Step: edit.Map{{"id", "ticket"}, {"do", "http.request"}, {"with", edit.Map{
		{"method", "POST"}, {"url", "http://127.0.0.1:7790/tickets"}, {"allow_private", true},
		{"json", edit.Map{{"title", "{{ event.body.issue.title }}"}, {"url", "{{ event.body.issue.html_url }}"}}}}}}})
	src = apply(t, src, edit.AddStep{After: "ticket", Step: edit.Map{{"id", "tell"}, {"do", "chat.message.post"}, {"with", edit.Map{
		{"to", "#triage"}, {"text", `Ticket {{ steps.ticket.body.id }} for "{{ event.body.issue.title }}"`}}}}})
	want, err := os.ReadFile("../../cmd/bretelle/examples/bug-triage.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if src != uncommented(string(want)) {
		t.Errorf("got\n%s\nwanted\n%s", src, uncommented(string(want)))
	}
	if _, problems := flow.Parse([]byte(src)); problems.Bad() {
		t.Error(problems)
	}
}
