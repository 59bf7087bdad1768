package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot/slack/slacktest"
)

// rest is the real program on a platform of ours, with ann and bob before it, who are admins: what people do there
// beside building and approving.
type rest struct {
	*botProcess
	ann, bob chat
	place    string
	pass     func(b *botProcess, d time.Duration)
	// said is what everybody reads in #triage, oldest first, threads aside; below what stands in the threads below
	// messages that say so.
	said  func() []string
	below func(words string) []string
}

func restOnSlack(t *testing.T) (*rest, *slacktest.Server) {
	t.Helper()
	b, s := liveSlack(t)
	clock, pass := withClock(t)
	b.env = append(b.env, clock)
	b.start()
	b.sees(b.log, "connected")
	ann, bob := s.Client(slacktest.Ann), s.Client(slacktest.Bob)
	ann.Strict, bob.Strict = true, true
	ann.Command("/flow admin claim " + b.code() + " Ann")
	b.sees(ann.Screen, "You are Ann now")
	bob.Command("/flow admin claim " + b.codeFor("Bob") + " Bob")
	b.sees(bob.Screen, "You are Bob now")
	x := &rest{botProcess: b, ann: slackChat{ann}, bob: slackChat{bob}, place: slackPlace, pass: pass}
	x.said = func() (out []string) {
		for _, m := range s.Messages(slacktest.Triage) {
			if m["thread_ts"] == nil {
				out = append(out, fmt.Sprint(m))
			}
		}
		return out
	}
	x.below = func(words string) (out []string) {
		all := s.Messages(slacktest.Triage)
		for _, top := range all {
			if top["thread_ts"] != nil || !strings.Contains(fmt.Sprint(top), words) {
				continue
			}
			for _, m := range all {
				if m["thread_ts"] == top["ts"] {
					out = append(out, fmt.Sprint(m))
				}
			}
		}
		return out
	}
	return x, s
}

// reads waits until a screen shows all of words.
func (x *rest) reads(c chat, words ...string) { x.t.Helper(); x.sees(c.Screen, words...) }

// opens does what opens a dialog, and waits until that says words. A dialog that comes too late for the platform is
// offered by a button, which is pressed then.
func (x *rest) opens(c chat, do func(), words ...string) {
	x.t.Helper()
	const offer = "Open it now"
	offered := strings.Count(c.Screen(), offer)
	do()
	for range 3 {
		late := false
		eventually(x.t, func() bool {
			screen := c.Screen()
			late = strings.Count(screen, offer) > offered
			return late || containsAll(screen, words)
		}, func() string { return fmt.Sprintf("no dialog says %q:\n%s\n%s", words, c.Screen(), x.log()) })
		if !late {
			return
		}
		c.Press(offer)
		offered = strings.Count(c.Screen(), offer)
	}
	x.t.Fatalf("too late three times over:\n%s", c.Screen())
}

// amend types into a field of a dialog that was refused; on Discord, where that is no dialog any more, behind [Fix it].
func amend(c chat, field, value string) {
	if d, ok := c.(discordChat); ok {
		d.Fill(field, value)
		return
	}
	c.Set(field, value)
}

// saying is how many messages in #triage say all of words.
func (x *rest) saying(words ...string) (n int) {
	for _, m := range x.said() {
		if containsAll(m, words) {
			n++
		}
	}
	return n
}

// counts waits until as many messages in #triage say all of words.
func (x *rest) counts(n int, words ...string) {
	x.t.Helper()
	eventually(x.t, func() bool { return x.saying(words...) == n }, func() string {
		return fmt.Sprintf("%d messages say %q, not %d:\n%s\n%s", x.saying(words...), words, n, strings.Join(x.said(), "\n"), x.log())
	})
}

// hook is a flow in the platform's channel that starts with what is posted to /hooks/NAME.
func (x *rest) hook(name, steps string) string {
	return strings.Replace(hookFlow(name, steps), `"#ops"`, fmt.Sprintf("%q", x.place), 1)
}

// samples: an event that came for a draft is shown on its card, and [Other samples] chooses another, with which the
// dry run is made then.
func (x *rest) samples() {
	x.t.Helper()
	x.draft(x.hook("kept", "  - {id: tell, do: chat.message.post, with: {text: \"It says {{ event.body.title }}\"}}\n"))
	for _, title := range []string{"the first", "the second"} {
		if a := x.deliver("POST", "kept", nil, strings.NewReader(fmt.Sprintf(`{"title": %q}`, title))); a.Result != "sample" {
			x.t.Fatalf("an event for a draft is %+v", a)
		}
	}
	x.ann.Do("edit", "flow", "kept")
	x.reads(x.ann, "✎ kept", `sample: "the second"`, "Other samples")
	x.ann.Press("Test")
	x.reads(x.ann, "It says the second")
	x.ann.Choose("Other samples", `"the first" …`)
	x.reads(x.ann, `sample: "the first"`)
	x.ann.Press("Test")
	x.reads(x.ann, "It says the first", "Nothing left this machine")
	if n := len(x.runsOf("kept")); n != 0 {
		x.t.Errorf("%d runs of a draft", n)
	}
}

// template: one is chosen of the list and filled in by dialog; what fits not is said at its field, and the draft goes
// live.
func (x *rest) template() {
	x.t.Helper()
	x.ann.Do("template")
	x.reads(x.ann, "Messages become tickets", "Choose one")
	x.opens(x.ann, func() { x.ann.Choose("Choose one", "Messages become tickets") }, "Somebody puts an emoji under a message")
	x.ann.Set("name", "kept") // is taken
	x.ann.Set("channel", x.place)
	x.ann.Save()
	x.reads(x.ann, "kept exists already")
	amend(x.ann, "name", "from-template")
	x.ann.Save()
	x.reads(x.ann, "✎ from-template", "table.row.upsert")
	x.ann.Press("Publish")
	x.reads(x.ann, "Publish version 1 of from-template?")
	x.ann.Press("Publish")
	x.counts(1, "published from-template")
}

// table: one is made, shown, and a row added and edited by dialog.
func (x *rest) table() {
	x.t.Helper()
	x.opens(x.ann, func() { x.ann.Do("table new", "name", "contacts") }, "New table")
	x.ann.Set("columns", "email: text, unique, required\nage: integre")
	x.ann.Save()
	x.reads(x.ann, "integre", `Did you mean "integer"?`)
	amend(x.ann, "columns", "email: text, unique, required\nage: integer")
	x.ann.Save()
	x.reads(x.ann, "The table contacts is made")
	x.ann.Do("table show", "table", "contacts")
	x.reads(x.ann, "Table contacts: 0 rows", "whole number", "Add a row")
	x.opens(x.ann, func() { x.ann.Press("Add a row") }, "Add a row to contacts")
	x.ann.Set("c.email", "pat@example.org")
	x.ann.Set("c.age", "41")
	x.ann.Save()
	x.reads(x.ann, "Row 1 of contacts is made")
	x.opens(x.ann, func() { x.ann.Do("table edit", "table", "contacts", "row", "1") }, "Row 1 of contacts")
	if got := x.ann.Value("c.email"); got != "pat@example.org" {
		x.t.Errorf("the dialog is not filled in: %q", got)
	}
	x.ann.Set("c.age", "42")
	x.ann.Save()
	x.reads(x.ann, "Row 1 of contacts is changed")
	x.ann.Do("table show", "table", "contacts")
	x.reads(x.ann, "Table contacts: 1 row", "pat@example.org  42")
}

// alerts: three failures alike are one message whose thread has a line each; it is muted, which ends; one run is mended by
// Fix input and the others by Retry.
func (x *rest) alerts() {
	t := x.t
	t.Helper()
	rc := newReceiver(t)
	rc.set(wantsProject)
	x.apply(x.hook("plain", fmt.Sprintf(`  - id: ticket
    do: http.request
    with: {method: POST, url: "%s/plain", allow_private: true, json: {title: "{{ event.body.title }}"}}
  - {id: tell, do: chat.message.post, with: {text: "Ticket for {{ event.body.title }}"}}
`, rc.URL)))
	x.apply(x.hook("other", "  - {id: tell, do: chat.message.post, with: {text: \"said behind {{ event.body.n }}\"}}\n"))
	const alert = "project is required"
	lines := func(n int, words string) {
		t.Helper()
		var got []string
		count := func() (m int) {
			got = x.below(alert)
			for _, l := range got {
				if strings.Contains(l, words) {
					m++
				}
			}
			return m
		}
		eventually(t, func() bool { return count() == n }, func() string {
			return fmt.Sprintf("%d lines below the alert say %q, not %d:\n%s\n%s", count(), words, n, strings.Join(got, "\n"), x.log())
		})
	}
	for i := range 3 {
		x.await(x.send("plain", fmt.Sprintf(`{"title": "crash %d"}`, i+1)), "parked")
	}
	x.counts(1, alert, "3 runs since", "#1", "#2", "#3")
	x.counts(1, alert)
	for _, run := range []string{"#1 fails", "#2 fails", "#3 fails"} {
		lines(1, run)
	}

	x.ann.Choose("Mute", "for 1 hour")
	x.counts(1, alert, "3 runs since", "Muted until", "Ann")
	x.await(x.send("plain", `{"title": "crash 4"}`), "parked")
	x.send("other", `{"n": 1}`) // is said after whatever the failure says
	x.counts(1, "said behind 1")
	x.counts(1, alert, "3 runs since")
	lines(3, " fails")
	x.pass(x.botProcess, 61*time.Minute)
	x.counts(1, alert, "4 runs since")
	x.counts(0, "Muted until")
	x.await(x.send("plain", `{"title": "crash 5"}`), "parked")
	x.counts(1, alert, "5 runs since")
	lines(4, " fails")

	x.opens(x.ann, func() { x.ann.Press("Fix input") }, "Fix #1", `answered 422: "project is required"`)
	x.ann.Set("json", "nonsense")
	x.ann.Save()
	x.reads(x.ann, "must stay JSON")
	amend(x.ann, "json", `{"title": "mended", "project": "WEB"}`)
	x.ann.Save()
	x.await(1, "done")
	lines(1, "#1 is through")
	x.counts(1, alert, "1 of 5 runs done")
	x.counts(1, "Ticket for crash 1")

	rc.set(nil)
	x.bob.Press("Retry")
	x.reads(x.bob, "Trying 4 runs again")
	x.settled("plain", 5)
	x.counts(1, "works again", "5 of 5 runs done", "Bob")
	x.counts(0, alert)
}

// form: its button is posted; whoever presses it fills it in, and a run of theirs starts.
func (x *rest) form() {
	x.t.Helper()
	x.apply(fmt.Sprintf(`flow: contacts
channel: %q
trigger: {on: form.submitted, with: {title: Contact us, about: We answer within a day, button: Write to us, fields: [{name: email, type: email, required: true}]}}
steps:
  - {id: tell, do: chat.message.post, with: {text: "{{ event.by.name }} asks to write to {{ event.fields.email }}"}}
`, x.place))
	x.ann.Do("form", "flow", "contacts", "post", "post")
	x.counts(1, "Contact us", "We answer within a day", "Write to us")
	for _, who := range []struct {
		chat
		name string
	}{{x.bob, "Bob"}, {x.ann, "Ann"}} { // it stays there for everybody
		x.opens(who, func() { who.Press("Write to us") }, "email")
		who.Set("email", "nonsense")
		who.Save()
		x.reads(who, "nonsense")
		amend(who.chat, "email", who.name+"@example.org")
		who.Save()
		x.counts(1, who.name+" asks to write to "+who.name+"@example.org")
	}
	x.settled("contacts", 2)
	x.counts(1, "Contact us", "Write to us")
}

// Issue 4: "Everything the console can do works in Slack": [Other samples] of the builder, a template chosen and filled in
// by dialog, a table made, shown and changed by dialog.
func TestLiveSlackSamplesTemplatesTables(t *testing.T) {
	t.Parallel()
	x, _ := restOnSlack(t)
	x.samples()
	x.template()
	x.table()
}

// CONVERSATION, section 6, in Slack: "Three failures alike are this one message; its thread has a line for each", [Mute],
// [Fix input], [Retry].
func TestLiveSlackAlerts(t *testing.T) {
	t.Parallel()
	x, _ := restOnSlack(t)
	x.alerts()
}

// Issue 4, item 1: "message and global shortcuts (…, "New flow")", from the shortcut to the draft; a form by its button.
func TestLiveSlackFormAndShortcut(t *testing.T) {
	t.Parallel()
	x, _ := restOnSlack(t)
	x.form()
	ann := x.ann.(slackChat)
	x.opens(ann, func() { ann.Shortcut("new_flow", "") }, "What for?")
	ann.Set("name", "from-shortcut")
	ann.Set("channel", x.place)
	ann.Set("trigger", "webhook.received")
	ann.Save()
	ann.Set("path", "shortcut")
	ann.Set("sender", "unsigned")
	ann.Save()
	x.reads(ann, "✎ from-shortcut", "add a step")
	if out := x.cli("flow", "export", "from-shortcut"); !strings.Contains(out, "path: shortcut") {
		t.Errorf("the draft is\n%s", out)
	}
}
