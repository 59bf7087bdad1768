package all_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/connectors/all"
	"github.com/bretelle/bretelle/engine/check"
)

// TestListAndFolders compares the list with the folders beside this one (R11).
func TestListAndFolders(t *testing.T) {
	named := map[string]string{"http": "web", "flow": "flowfailed"} // connectors whose folder has another name
	var listed, there []string
	for _, c := range all.Connectors() {
		folder := c.Name
		if n := named[c.Name]; n != "" {
			folder = n
		}
		listed = append(listed, folder)
	}
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && !slices.Contains([]string{"all", "intake", "connectortest", "counterparttest"}, e.Name()) {
			there = append(there, e.Name())
		}
	}
	slices.Sort(listed)
	slices.Sort(there)
	if !slices.Equal(listed, there) {
		t.Errorf("listed %v, folders %v", listed, there)
	}
	cat, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	if got := cat.Names(); !slices.Equal(got, []string{"chat.file.upload", "chat.member.list", "chat.message.delete", "chat.message.direct", "chat.message.edit",
		"chat.message.post", "chat.message.react", "chat.message.reply", "chat.person.find", "chat.thread.open", "chat.topic.set",
		"contact.card.find_or_create", "http.request", "mail.message.send", "table.row.delete", "table.row.find", "table.row.list", "table.row.restore", "table.row.upsert"}) {
		t.Errorf("actions %v", got)
	}
	if got := cat.TriggerNames(); !slices.Equal(got, []string{"chat.file", "chat.joined", "chat.message", "chat.reaction", "chat.shortcut", "command.used", "event.emitted", "feed.item", "flow.called", "flow.failed",
		"form.submitted", "mail.received", "schedule.tick", "watch.page", "webhook.received"}) {
		t.Errorf("triggers %v", got)
	}
}

// TestFlowsCheck has check read flows that use the real catalogue.
func TestFlowsCheck(t *testing.T) {
	cat, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	const flow = `flow: bugs
title: Bugs
channel: "#triage"
trigger:
  on: webhook.received
  with: {path: github-bugs, sender: SENDER, secret: github_hook}
  when: "{{ any(event.body.issue.labels, .name == 'bug') }}"
steps:
  - id: ticket
    do: http.request
    account: tracker
    with:
      method: METHOD
      url: "https://tracker.example.org/issues"
      query: {id: "{{ event.body.issue.id }}"}
      headers: {X-Team: triage}
      json: {title: "{{ event.body.issue.title }}"}
      expect: [201, "404"]
  - id: tell
    do: chat.message.post
    with: {text: "Ticket {{ steps.ticket.body.id }}, status {{ steps.ticket.status }}"}
`
	for _, c := range []struct{ sender, method, want string }{
		{"github", "POST", ""},
		{"{kind: hmac-sha256, header: X-Signature}", "POST", "every delivery counts as new"},
		{"gihub", "POST", `Did you mean "github"`},
		{"github", "PSOT", "POST"},
	} {
		text := strings.NewReplacer("SENDER", c.sender, "METHOD", c.method).Replace(flow)
		_, problems := check.Source([]byte(text), cat, check.Known{})
		if got := problems.String(); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s, %s: %q, wanted %q", c.sender, c.method, got, c.want)
		}
	}
}
