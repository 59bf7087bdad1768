package main

import (
	"encoding/json"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot/control"
)

// terminalHands are somebody's, at a shell: each deed is one call of the program.
type terminalHands struct {
	w       *bench
	pending map[string]string
	last    string // what the last call printed
	who     string // "" is ann
}

func (h *terminalHands) call(args ...string) {
	h.w.t.Helper()
	who := h.who
	if who == "" {
		who = "ann"
	}
	h.last, _ = h.w.b.try("", append([]string{"chat", "--as", who, "--in", "#triage"}, args...)...)
}

// given are the fields that were filled in since the last call.
func (h *terminalHands) given() []string {
	var names, out []string
	for name := range h.pending {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		out = append(out, "--submit", name+"="+h.pending[name])
	}
	h.pending = map[string]string{}
	return out
}

func (h *terminalHands) New(flow string)         { h.w.t.Helper(); h.call("-m", "/flow new "+flow) }
func (h *terminalHands) Set(field, value string) { h.pending[field] = value }
func (h *terminalHands) Act(name string) {
	h.w.t.Helper()
	h.call(append(h.given(), "--press", name)...)
}
func (h *terminalHands) Press(button string) { h.w.t.Helper(); h.call("--press", button) }
func (h *terminalHands) Choose(menu, option string) {
	h.w.t.Helper()
	h.call("--choose", menu+"="+option)
}
func (h *terminalHands) Close() {}

// Save sends the dialog; as it stands, by saying again what stands in one of its fields.
func (h *terminalHands) Save() {
	h.w.t.Helper()
	given := h.given()
	if m := standingField.FindStringSubmatch(h.last); len(given) == 0 && m != nil {
		given = []string{"--submit", m[1]}
	}
	h.call(given...)
}

var standingField = regexp.MustCompile(`  ([a-z_]+=[^"\s]+)`)

// Restarted opens the step's dialog again: a terminal's dialogs end with the bot, what was typed stands in the shell.
func (h *terminalHands) Restarted() {
	h.w.t.Helper()
	h.call("--press", "add")
	h.call("--submit", "what=approval")
}

// Insert is for those who do not type paths.
func (h *terminalHands) Insert(field, _, path string) { h.pending[field] += "{{ " + path + " }}" }

// Value is what was typed, or stands in the dialog as it was printed last.
func (h *terminalHands) Value(field string) string {
	if v, ok := h.pending[field]; ok {
		return v
	}
	for _, part := range strings.Split(strings.TrimSpace(h.last), "  ") {
		if v, ok := strings.CutPrefix(strings.TrimSpace(part), field+"="); ok {
			return strings.Trim(v, `"`)
		}
	}
	return ""
}

// Screen is what was printed last, and what stands before ann.
func (h *terminalHands) Screen() string {
	var cards []cardJSON
	if err := h.w.b.ask("chat.cards", control.ChatIn{As: "ann", In: "#triage"}, &cards); err != nil {
		h.w.t.Fatal(err)
	}
	all := []string{h.last}
	for i := len(cards) - 1; i >= 0; i-- {
		all = append(all, cards[i].Text)
	}
	return strings.Join(all, "\n")
}

// Issue 3: "Bug triage is built from nothing by dialogs alone … and in a terminal. The resulting YAML is the same to the
// byte." The restart in the middle is a new process on the same data.
func TestBuildBugTriageInATerminal(t *testing.T) {
	w := &bench{t: t, b: newBot(t), rc: newReceiver(t)}
	w.b.start()
	w.people()
	w.restart = func() { w.b.kill(); w.b.start() }
	h := &terminalHands{w: w, pending: map[string]string{}}
	w.publishTriage(h, w.buildTriage(h))
}

// CONVERSATION, section 4: what is printed, line by line; one call may do several things.
func TestTerminalLines(t *testing.T) {
	w := &bench{t: t, b: newBot(t), rc: newReceiver(t)}
	w.b.start()
	w.people()
	for _, x := range []struct {
		args, want string
		code       int
	}{
		{"-m|/flow new bug-triage|--submit|trigger=webhook.received", "form trigger (webhook.received)   path*  sender=GitHub\n", 0},
		{"--submit|path=github-bugs|--submit|sender=GitHub", "card builder:bug-triage   TO DO ● add a step   buttons: secret add settings discard\n", 0},
		{"--press|publish", "error: nothing to publish yet: add a step (--press add)\n", 1},
		{"--press|add", "form next   what*\n", 0},
		{"--submit|what=http.requst", "error: \"http.requst\" is not a choice of what. Did you mean http.request?\n", 1},
		{"--submit|what=http.request|--submit|nowhere=1", "error: the form has no field \"nowhere\". It has: what\n", 1},
	} {
		out, code := w.b.try("", append([]string{"chat", "--as", "ann", "--in", "#triage"}, strings.Split(x.args, "|")...)...)
		if out != x.want && !strings.HasSuffix(out, x.want) || code != x.code {
			t.Errorf("%s\nprints %q, exit %d\nwanted %q, exit %d", x.args, out, code, x.want, x.code)
		}
	}
	var cards []json.RawMessage
	w.b.jsonOf(&cards, "chat", "--as", "ann", "--in", "#triage")
	if len(cards) == 0 {
		t.Error("no card stands before ann")
	}
}
