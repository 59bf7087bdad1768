package bot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// held remembers what was said to budgets and to services that do not answer.
type held struct{ did []string }

func (h *held) Budget(_ context.Context, flow, risk, did string, asked int64, n int, _ string) error {
	h.did = append(h.did, fmt.Sprint(flow, " ", risk, " ", did, " ", asked, " ", n))
	return nil
}

func (h *held) Peer(_ context.Context, flow string, d engine.BreakerData, did, _ string) error {
	h.did = append(h.did, fmt.Sprint(flow, " ", d.Peer, " ", did))
	return nil
}

// mendTable is who may mend what, by their role everywhere; whoever has no row may nothing.
const mendTable = `
                   runner builder approver admin
again              x      x       x        x
again_old          -      x       -        x
undo               x      x       x        x
move               -      x       -        x
rerun              x      x       x        x
rerun_old          -      x       -        x
again_event        x      x       x        x
undo_run           x      x       x        x
move_runs          -      x       -        x
fix_all            -      x       x        x
fix_first          -      x       x        x
budget-let         -      -       x        x
budget-raise       -      -       x        x
budget-stop        -      -       x        x
breaker-try        x      x       x        x
breaker-stop       x      x       x        x
`

// Every verb of mending, of budgets and of services that do not answer, for every role, and for those who are nobody here.
// Buttons are judged when they are pressed: what was shown to an admin counts for nothing once they are none.
func TestWhoMayMend(t *testing.T) {
	rows := strings.Split(strings.TrimSpace(mendTable), "\n")
	roles := append(strings.Fields(rows[0]), "viewer", "none")
	for _, row := range rows[1:] {
		cells := strings.Fields(row)
		for i, role := range roles {
			may := i+1 < len(cells) && cells[i+1] == "x"
			t.Run(cells[0]+" "+role, func(t *testing.T) {
				w, h := newMending(t)
				do := w.mending(cells[0])
				if _, err := w.bot.SetRole(w.ctx, bot.Operator, "pat", engine.Role(strings.ReplaceAll(role, "none", "")), ""); err != nil {
					t.Fatal(err)
				}
				before := w.changed(h)
				reply, err := do("pat", func(*bot.In) {})
				if may && err != nil || !may && !refused(err) {
					t.Errorf("%T, %v", reply, err)
				}
				if !may && w.changed(h) != before {
					t.Errorf("refused, and done all the same: %s", w.changed(h))
				}
			})
		}
		t.Run(cells[0]+" strangers", func(t *testing.T) {
			w, h := newMending(t)
			do := w.mending(cells[0])
			before := w.changed(h)
			for who, as := range map[string]func(in *bot.In){
				"a guest":                   func(in *bot.In) { in.Actor.Guest = true },
				"an app":                    func(in *bot.In) { in.Actor.Bot = true },
				"pat of another workspace":  func(in *bot.In) { in.Actor.Workspace = "T2" },
				"a stranger":                func(in *bot.In) { in.Actor.User = "U-nobody" },
				"whom the surface calls so": func(in *bot.In) { in.Actor.User, in.Actor.Person = "U-nobody", w.ids["pat"] },
			} {
				if reply, err := do("pat", as); !refused(err) {
					t.Errorf("%s: %T, %v", who, reply, err)
				}
			}
			if w.changed(h) != before {
				t.Errorf("done all the same: %s", w.changed(h))
			}
		})
	}
}

// newMending is a world with a run that failed and one that did not, and pat, who is admin until somebody says otherwise.
func newMending(t *testing.T) (*world, *held) {
	w, h := newWorld(t), &held{}
	o := w.options()
	o.Budgets, o.Peers = h, h
	b, err := bot.New(o)
	if err != nil {
		t.Fatal(err)
	}
	w.bot = b
	w.person("pat", engine.Admin)
	w.failWith(12, `{"title":"Crash"}`)
	w.failWith(13, `{"title":"Slow"}`)
	v, _ := w.runs.Run(w.ctx, "run-12")
	v.Event = &engine.Event{Data: map[string]any{"body": map[string]any{"n": 1}}}
	w.runs.set(v)
	w.flows.heads["bug-triage"] = engine.FlowHead{Name: "bug-triage", State: engine.FlowLive, Live: 2, Place: triage, Trigger: "webhook.received"}
	return w, h
}

// changed is all that was done so far.
func (w *world) changed(h *held) string {
	return fmt.Sprint(h.did, len(w.runs.signals), w.runs.again, w.runs.undone)
}

// mending gets ready to do something: what is pressed was shown to pat, or stands in the channel.
func (w *world) mending(verb string) func(who string, as func(*bot.In)) (bot.Reply, error) {
	w.t.Helper()
	line := map[string]string{"again": "/flow again #12", "again_old": "/flow again #12 ticket 1", "undo": "/flow undo #12", "move": "/flow move bug-triage"}[verb]
	token := ""
	switch verb {
	case "rerun", "again_event":
		token = w.shown("pat", "/flow again #12", verb)
	case "rerun_old":
		token = w.shown("pat", "/flow again #12 ticket 1", "rerun")
	case "undo_run":
		token = w.shown("pat", "/flow undo #12", verb)
	case "move_runs":
		token = w.shown("pat", "/flow move bug-triage", verb)
	case "fix_all", "fix_first":
		r, err := w.fixAllOf("pat", w.card(w.chat, alertKey(422, 1)), `{"title":"Crash","project":"WEB"}`)
		if err != nil {
			w.t.Fatal(err)
		}
		token = tokenOf(w, r.(bot.Private).Card, verb)
	case "budget-let", "budget-raise", "budget-stop":
		w.raise(engine.NoticeBudget, "budget", "", "", engine.BudgetData{Risk: "send", Most: 5, Per: 60_000, Line: 3, Asked: 7})
		w.deliver()
		token = tokenOf(w, w.card(w.chat, engine.BudgetTopic+"bug-triage:send:7"), verb)
	case "breaker-try", "breaker-stop":
		w.raise(engine.NoticeBreaker, "breaker", "", "", engine.BreakerData{Lane: "l", Peer: "tracker.example.org", Waiting: 3, Since: 9})
		w.deliver()
		token = tokenOf(w, w.card(w.chat, engine.BreakerTopic+"bug-triage:l:9"), verb)
	}
	return func(who string, as func(*bot.In)) (bot.Reply, error) {
		in := w.in(bot.InCommand, who)
		if in.Text = line; token != "" {
			in = w.here(bot.InPress, who, token)
		}
		as(&in)
		return w.bot.Handle(w.ctx, in)
	}
}

func (w *world) shown(who, line, verb string) string {
	w.t.Helper()
	r, err := w.say(who, line)
	if err != nil {
		w.t.Fatal(err)
	}
	return tokenOf(w, r.(bot.Private).Card, verb)
}

func tokenOf(w *world, c prompts.Card, verb string) string {
	w.t.Helper()
	i := slices.IndexFunc(c.Buttons, func(b prompts.Button) bool { return b.ID == verb })
	if i < 0 {
		w.t.Fatalf("no %s on %s", verb, prompts.PlainCard(c))
	}
	return c.Buttons[i].Token
}

// A plan that was shown runs with the version it named, also when another one was published meanwhile; and a run of a flow
// that lives elsewhere now is run again only by those who may there.
func TestARunAgainIsWhatWasShown(t *testing.T) {
	w, _ := newMending(t)
	rerun := w.shown("pat", "/flow again #12", "rerun")
	w.must(w.bot.SetRole(w.ctx, bot.Operator, "pat", engine.Runner, ""))
	h := w.flows.heads["bug-triage"]
	h.Live = 3
	w.flows.heads["bug-triage"] = h
	if _, err := w.press("pat", rerun); engine.CodeOf(err) != engine.Denied || !strings.Contains(err.Error(), "Version 2 of bug-triage is not the live one (3)") {
		t.Errorf("got %v", err)
	}
	w.must(w.bot.SetRole(w.ctx, bot.Operator, "pat", engine.Builder, ""))
	w.must(w.press("pat", rerun))
	if len(w.runs.again) != 1 || w.runs.again[0].Version != 2 {
		t.Errorf("ran %+v", w.runs.again)
	}
	w.must(w.bot.AddChannel(w.ctx, bot.Operator, triage.String(), ""))
	w.must(w.bot.SetRole(w.ctx, bot.Operator, "pat", engine.NoRole, ""))
	w.must(w.bot.SetRole(w.ctx, bot.Operator, "pat", engine.Runner, triage.String()))
	h.Live = 2
	w.flows.heads["bug-triage"] = h
	w.must(w.say("pat", "/flow again #12"))
	h.Place = general
	w.flows.heads["bug-triage"] = h
	if _, err := w.say("pat", "/flow again #12"); engine.CodeOf(err) != engine.Denied {
		t.Errorf("its flow has moved to where pat may nothing: %v", err)
	}
}

// A change for all is made, and shown, only of runs that the person may mend: one of an earlier version may have been in
// another channel.
func TestAChangeForAllStaysWhereOneMay(t *testing.T) {
	w, _ := newMending(t)
	v, _ := w.runs.Run(w.ctx, "run-13")
	v.Place = general
	w.runs.set(v)
	w.must(w.bot.AddChannel(w.ctx, bot.Operator, triage.String(), ""))
	w.must(w.bot.SetRole(w.ctx, bot.Operator, "pat", engine.NoRole, ""))
	w.must(w.bot.SetRole(w.ctx, bot.Operator, "pat", engine.Builder, triage.String()))
	r, err := w.fixAllOf("pat", w.card(w.chat, alertKey(422, 1)), `{"title":"Crash","project":"WEB"}`)
	if err != nil {
		t.Fatal(err)
	}
	plan := r.(bot.Private).Card
	if got := prompts.PlainCard(plan); strings.Contains(got, "#13") || strings.Contains(got, "Slow") {
		t.Errorf("shows a run of #general: %s", got)
	}
	w.must(w.press("pat", tokenOf(w, plan, "fix_all")))
	if len(w.runs.signals) != 1 || w.runs.signals[0].Run != "run-12" {
		t.Errorf("got %+v", w.runs.signals)
	}
}
