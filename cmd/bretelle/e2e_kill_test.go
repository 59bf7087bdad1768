package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/engine"
)

// TestKillAtEachCommit: "kill -9 at each commit of such a run, at batch 1 and 64, then a restart: the same history
// (times, ids and repeated attempts of read or idempotent steps aside), one call; the unknown-outcome question appears
// only where CONTRACTS says so". Every commit of the run at batch 64, some at batch 1; with -long all at both.
func TestKillAtEachCommit(t *testing.T) {
	for _, batch := range []int{64, 1} {
		for _, when := range []string{"before", "after"} {
			t.Run(fmt.Sprintf("batch %d, %s the commit", batch, when), func(t *testing.T) {
				t.Parallel()
				step := 1
				if batch == 1 && !*long {
					step = 7
				}
				killEach(t, newKillStory(t, batch), when, step)
			})
		}
	}
}

// killEach plays the story with a kill at every step-th commit until there are no more.
func killEach(t *testing.T, k *killStory, when string, step int) {
	want := k.play(t)
	if want.asked || want.calls != 1 {
		t.Fatalf("undisturbed, the run asked %v and called %d times", want.asked, want.calls)
	}
	kills, asked := 0, 0
	// Which commit is the n-th differs a little from run to run, so that one pass may step over the one commit whose
	// loss leaves the outcome unknown. Then it is looked for again.
	for pass := 0; pass == 0 || step == 1 && asked == 0 && pass < 5; pass++ {
		for n, quiet := 1, 0; quiet < 2 && (pass == 0 || asked == 0); n += step {
			at := fmt.Sprint(when, " ", n)
			got := k.play(t, at)
			k.compare(t, at, want, got)
			kills += got.deaths
			if got.asked {
				asked++
			}
			if quiet++; got.deaths > 0 {
				quiet = 0
			}
		}
	}
	t.Logf("%d kills, %d times the outcome was unknown", kills, asked)
	if kills < 12/step || step == 1 && asked == 0 {
		t.Errorf("%d kills of which %d left the outcome unknown: that is not every commit", kills, asked)
	}
}

// TestKillWhileAnswering: a kill while the question is asked, and while it is answered, loses no answer and repeats
// nothing either. The first kill leaves the outcome unknown, the second falls on each commit of the life after it.
func TestKillWhileAnswering(t *testing.T) {
	if !*long {
		t.Skip("a minute long: run with -long")
	}
	k := newKillStory(t, 64)
	want := k.play(t)
	unknown := ""
	for n := 1; unknown == ""; n++ {
		at := fmt.Sprint("before ", n)
		switch got := k.play(t, at); {
		case got.asked && got.calls == 1:
			unknown = at
		case got.deaths == 0:
			t.Fatal("no kill left the outcome unknown")
		}
	}
	for n, quiet := 1, false; !quiet; n++ {
		quiet = true
		for _, when := range []string{"before", "after"} {
			second := fmt.Sprint(when, " ", n)
			got := k.play(t, unknown, second)
			k.compare(t, unknown+", then "+second, want, got)
			quiet = quiet && got.deaths < 2
		}
	}
}

// killStory is a bot that is set up for bug triage and has never had a delivery; each play is on a copy of its data.
type killStory struct {
	origin   *botProcess
	rc       *receiver
	delivery githubDelivery
}

func newKillStory(t *testing.T, batch int) *killStory {
	t.Helper()
	k := &killStory{origin: newBot(t, "--batch", fmt.Sprint(batch)), rc: newReceiver(t), delivery: ownDeliveries(t)[0]}
	k.origin.start()
	triage(t, k.origin, k.rc)
	k.origin.cli("channel", "add", "#elsewhere")
	k.origin.stop()
	return k
}

// told is what came of a play.
type told struct {
	deaths  int
	calls   int      // that reached the tracker
	asked   bool     // whether the outcome was unknown
	owed    bool     // a kill fell between attempt.started and its outcome
	history []string // the run's journal and steps without times, ids, and what people said about the outcome
	cards   []string // what stands in #triage, without times and ids
}

// play tells the story in as many lives as there are kills, and one more.
func (k *killStory) play(t *testing.T, kills ...string) told {
	t.Helper()
	k.rc.reset()
	b := k.origin.copyOf(t)
	defer b.discard()
	p := &part{t: t, b: b, rc: k.rc, delivery: k.delivery, name: strings.Join(kills, ", then ")}
	for life := 0; ; life++ {
		kill := ""
		if life < len(kills) {
			kill = kills[life]
		}
		err := b.tryStart(killAt + "=" + kill)
		if err != nil && !b.exits() {
			t.Fatalf("%s: the bot does not start: %v\n%s", p.name, err, b.log())
		}
		if err == nil && p.goOn() {
			break
		}
		if kill == "" {
			t.Fatalf("%s: the bot died by itself:\n%s", p.name, b.log())
		}
		p.told.deaths++
		p.told.owed = p.told.owed || b.owesOutcome()
		if life > len(kills) {
			t.Fatalf("%s: dead again and again", p.name)
		}
	}
	p.conclude()
	return p.told
}

// compare holds a disturbed play against the undisturbed one.
func (k *killStory) compare(t *testing.T, at string, want, got told) {
	t.Helper()
	if got.calls != 1 {
		t.Errorf("%s: %d calls", at, got.calls)
	}
	if got.asked != got.owed {
		t.Errorf("%s: asked about the outcome: %v; a kill between attempt.started and its outcome: %v", at, got.asked, got.owed)
	}
	if a, b := strings.Join(want.history, "\n"), strings.Join(got.history, "\n"); a != b {
		t.Errorf("%s: the history is\n%s\nwanted\n%s", at, b, a)
	}
	if a, b := strings.Join(want.cards, "\n"), strings.Join(got.cards, "\n"); a != b {
		t.Errorf("%s: in the channel stands\n%s\nwanted\n%s", at, b, a)
	}
}

// part is one play under way, with what was acknowledged so far.
type part struct {
	t        *testing.T
	b        *botProcess
	rc       *receiver
	delivery githubDelivery
	name     string

	delivered, pressed, approved, answered bool
	told                                   told
}

// goOn takes the story from where it stands to its end. It is false when the bot died under it.
func (p *part) goOn() bool {
	return p.deliver() && p.approve() && p.finish() && p.deliverAgain()
}

// deliver does as GitHub: what was not acknowledged is delivered again.
func (p *part) deliver() bool {
	if p.delivered {
		return true
	}
	a, err := p.delivery.send(p.t, p.b.hooks, false)
	if err != nil {
		return p.alive("the delivery", err)
	}
	fresh := a.Status == http.StatusAccepted && a.Result == "accepted"
	again := a.Status == http.StatusOK && a.Result == "duplicate" && p.told.deaths > 0
	if a.Run != 1 || !fresh && !again {
		p.t.Fatalf("%s: the delivery was answered %+v", p.name, a)
	}
	p.delivered = true
	return true
}

// approve presses the button; what was not acknowledged is pressed again.
func (p *part) approve() bool {
	if p.approved {
		return true
	}
	if p.pressed { // nobody knows yet whether that counted
		open, ok := p.offered("approve")
		if !ok {
			return false
		}
		if p.approved = open == nil; p.approved {
			return true
		}
	}
	if err := p.press("bob", control.ChatIn{Press: "approve"}); err != nil {
		p.pressed = true
		return p.alive("the press", err)
	}
	p.approved = true
	return true
}

// press does what `bretelle chat` does; the error is that there was no answer.
func (p *part) press(as string, in control.ChatIn) error {
	in.As, in.In = as, "#triage"
	err := p.b.ask("chat", in, nil)
	if err != nil && engine.CodeOf(err) != engine.Unavailable && !p.b.exits() {
		p.t.Fatalf("%s: %+v was answered: %v\n%s", p.name, in, err, p.b.log())
	}
	return err
}

// deliverAgain is GitHub not having heard us: nothing comes of it.
func (p *part) deliverAgain() bool {
	a, err := p.delivery.send(p.t, p.b.hooks, false)
	if err != nil {
		return p.alive("the delivery once more", err)
	}
	if a.Status != http.StatusOK || a.Result != "duplicate" || a.Run != 1 {
		p.t.Errorf("%s: delivered once more, the answer is %+v", p.name, a)
	}
	return true
}

// finish waits until the run is done and everything about it is told, and answers what it asks meanwhile.
func (p *part) finish() bool {
	var run control.RunOut
	var health health
	for end := time.Now().Add(patience); ; {
		err := p.b.ask("run.show", control.RunIn{Number: 1}, &run)
		if err == nil {
			err = p.b.ask("doctor", struct{}{}, &health)
		}
		if err != nil {
			return p.alive("a question", err)
		}
		switch {
		case run.State == "unknown" && health.Waiting == 0:
			if !p.answer() {
				return false
			}
		case run.State == "done" && health.Waiting == 0:
			return true
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s: the run is %s, %d notices wait\n%s", p.name, run.State, health.Waiting, p.b.log())
		}
		<-time.After(5 * time.Millisecond)
	}
}

// offered is the card in #triage that offers a button once the run stands still and everything is told; nil when none does. ok is false when the
// bot died under the question.
func (p *part) offered(button string) (card *control.CardOut, ok bool) {
	for end := time.Now().Add(patience); ; {
		var run control.RunOut
		var h health
		var cards []*control.CardOut
		err := p.b.ask("run.show", control.RunIn{Number: 1}, &run)
		if err == nil {
			err = p.b.ask("doctor", struct{}{}, &h)
		}
		if err == nil {
			err = p.b.ask("chat.cards", control.ChatIn{As: "bob", In: "#triage"}, &cards)
		}
		if err != nil {
			return nil, p.alive("a question", err)
		}
		if run.State != "queued" && run.State != "running" && h.Waiting == 0 {
			for _, c := range cards {
				for _, x := range c.Buttons {
					if x.ID == button {
						card = c
					}
				}
			}
			return card, true
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s: the run is %s, %d notices wait\n%s", p.name, run.State, h.Waiting, p.b.log())
		}
		<-time.After(5 * time.Millisecond)
	}
}

// answer says what is true, as somebody does who looked it up at the tracker.
func (p *part) answer() bool {
	p.told.asked = true
	if p.answered {
		if open, ok := p.offered("again"); !ok || open == nil {
			return ok
		}
	}
	steps := []control.ChatIn{{Press: "again"}}
	if len(p.rc.requests()) > 0 {
		steps = []control.ChatIn{{Press: "happened"}, {Submit: map[string]string{"body.id": "1"}}}
	}
	p.answered = true
	for _, in := range steps {
		if err := p.press("kim", in); err != nil {
			return p.alive("the answer", err)
		}
	}
	return true
}

// alive is for what got no answer: the bot must be dead. It is always false.
func (p *part) alive(what string, err error) bool {
	p.t.Helper()
	if !p.b.exits() {
		p.t.Fatalf("%s: %s got no answer, and the bot lives: %v\n%s", p.name, what, err, p.b.log())
	}
	return false
}

// conclude looks at what stands in the end: what the doctor, the history and the channel say.
func (p *part) conclude() {
	t, b := p.t, p.b
	var h health
	if err := b.ask("doctor", struct{}{}, &h); err != nil || len(h.Wrong) > 0 || !h.AuditWhole || h.Waiting > 0 {
		t.Errorf("%s: the doctor says %+v (%v)", p.name, h, err)
	}
	var cards []*control.CardOut
	for _, place := range []string{"#triage", "#general", "#elsewhere"} {
		cards = nil
		if err := b.ask("chat.cards", control.ChatIn{As: "ann", In: place}, &cards); err != nil {
			t.Fatalf("%s: %v", p.name, err)
		}
		questions := 0
		for _, c := range cards {
			line := strings.Join(strings.Fields(clock.ReplaceAllString(c.Text, "TIME")), " ")
			switch {
			case strings.Contains(c.Text, "bug-triage #1 · step 2: "):
				questions++
				if place != "#triage" || c.State != engine.CardDecided || len(c.Buttons) != 1 {
					t.Errorf("%s: in %s stands, %s: %s", p.name, place, c.State, line)
				}
			case place == "#triage":
				line, _, _ = strings.Cut(line, " · plan ")
				p.told.cards = append(p.told.cards, fmt.Sprintf("[%s] %s", c.State, line))
			}
		}
		if want := p.told.asked && place == "#triage"; questions > 1 || want != (questions == 1) {
			t.Errorf("%s: %d questions about the outcome in %s", p.name, questions, place)
		}
	}
	var run control.RunOut
	if err := b.ask("run.show", control.RunIn{Number: 1}, &run); err != nil {
		t.Fatalf("%s: %v", p.name, err)
	}
	p.told.calls = len(p.rc.requests())
	b.kill()
	p.told.history = append(b.journal(p.name), shown(run)...)
}

// exits waits a little for a process that should be dying, and reports whether it is dead.
func (b *botProcess) exits() bool {
	select {
	case err := <-b.exited:
		b.exited <- err
		return true
	case <-time.After(3 * time.Second):
		return false
	}
}

// copyOf is another bot on a copy of the data of one that is stopped.
func (b *botProcess) copyOf(t *testing.T) *botProcess {
	t.Helper()
	c := newBot(t, b.args...)
	base := filepath.Dir(c.dir)
	if err := os.CopyFS(base, os.DirFS(filepath.Dir(b.dir))); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(base, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			err = os.Chmod(path, 0o600) // the key file must be private
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// discard ends the bot and removes its data before the test ends.
func (b *botProcess) discard() {
	b.kill()
	_ = os.RemoveAll(filepath.Dir(b.dir)) // the clean-up of newBot tries again
}

// reset forgets what came so far.
func (rc *receiver) reset() {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	rc.got = nil
}
