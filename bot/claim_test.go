package bot_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/storage/memory"
)

// fresh is an installation without anybody.
func fresh(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.store = memory.New()
	w.store.Now = func() time.Time { return w.now }
	w.audit = &auditor{Auditor: w.store}
	b, err := bot.New(bot.Options{People: w.store, Outbox: w.store, Audit: w.audit, Runs: w.runs, Flows: w.flows,
		Surfaces: []bot.Surface{w.chat, w.cons}, Now: func() time.Time { return w.now }})
	if err != nil {
		t.Fatal(err)
	}
	w.bot = b
	return w
}

func TestFirstAdmin(t *testing.T) {
	w := fresh(t)
	code, err := w.bot.FirstAdmin(w.ctx)
	if err != nil || len(code) != 9 || code[4] != '-' {
		t.Fatalf("%q, %v", code, err)
	}
	console := bot.Actor{Surface: "console"}
	if _, err := w.bot.Claim(w.ctx, console, "not a name", code); engine.CodeOf(err) != engine.Invalid {
		t.Errorf("got %v", err)
	}
	var wg sync.WaitGroup
	won := make(chan engine.Person, 8)
	for range 8 { // whoever is first; the code works once
		wg.Go(func() {
			if p, err := w.bot.Claim(w.ctx, console, "Ann", strings.ToLower(code)); err == nil {
				won <- p
			}
		})
	}
	wg.Wait()
	if len(won) != 1 {
		t.Fatalf("%d became admin", len(won))
	}
	ann := <-won
	if ann.Role != engine.Admin || ann.Name != "Ann" {
		t.Errorf("%+v", ann)
	}
	if again, err := w.bot.FirstAdmin(w.ctx); again != "" || err != nil {
		t.Errorf("a code while there is an admin: %q, %v", again, err)
	}
	if err := w.bot.Welcome(w.ctx, ann); err != nil {
		t.Fatal(err)
	}
	if got := prompts.PlainCard(w.card(w.cons, "welcome")); !strings.Contains(got, "Welcome, Ann") {
		t.Errorf("got %q", got)
	}
	if _, err := w.bot.SetRole(w.ctx, bot.Operator, "ann", engine.Viewer, ""); engine.CodeOf(err) != engine.Conflict {
		t.Errorf("the only admin stays admin: %v", err)
	}
}

func TestCodesExpire(t *testing.T) {
	w := fresh(t)
	code, _ := w.bot.FirstAdmin(w.ctx)
	w.now = w.now.Add(11 * time.Minute)
	if _, err := w.bot.Claim(w.ctx, bot.Actor{}, "ann", code); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("got %v", err)
	}
	if _, err := w.bot.Claim(w.ctx, bot.Actor{}, "ann", "0000-0000"); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("got %v", err)
	}
}

func TestClaimInChat(t *testing.T) {
	w := fresh(t)
	code, _ := w.bot.FirstAdmin(w.ctx)
	if _, err := w.say("ann", "/flow home"); engine.CodeOf(err) != engine.Unsigned {
		t.Fatalf("a stranger: %v", err)
	}
	guest := w.in(bot.InCommand, "eve")
	guest.Text, guest.Actor.Guest = "/flow admin claim "+code, true
	if _, err := w.bot.Handle(w.ctx, guest); engine.CodeOf(err) != engine.Denied {
		t.Fatalf("a guest: %v", err)
	}
	if got := w.text(w.say("ann", "/flow admin claim "+code)); !strings.Contains(got, "You are ann now (admin)") {
		t.Fatalf("got %q", got)
	}
	if _, err := w.say("ann", "/flow home"); err != nil {
		t.Fatal(err)
	}
	// Another account of the same person: proof here, then there.
	shown, err := w.say("ann", "/flow admin link")
	if _, ok := shown.(bot.Dialog); !ok {
		t.Errorf("the code stands in a %T, which is stored readably", shown)
	}
	got := w.text(shown, err)
	_, code, _ = strings.Cut(got, "admin claim ")
	other := w.in(bot.InCommand, "ann2")
	other.Text = "/flow admin claim " + code[:9]
	w.must(w.bot.Handle(w.ctx, other))
	ids, err := w.store.Identities(w.ctx, mustPerson(w, "ann").ID)
	if err != nil || len(ids) != 2 {
		t.Errorf("%v, %v", ids, err)
	}
	if _, err := w.bot.Handle(w.ctx, other); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("twice: %v", err)
	}
	w.must(w.say("ann", "/flow admin person-add bob"))
	if _, err := w.bot.LoginLink(w.ctx, "bbo"); !strings.Contains(err.Error(), "Did you mean bob?") {
		t.Errorf("got %v", err)
	}
	link, err := w.bot.LoginLink(w.ctx, "bob")
	w.must(nil, err)
	if p, err := w.bot.Claim(w.ctx, bot.Actor{Surface: "console"}, "", link); err != nil || p.Name != "bob" || p.Role != engine.Viewer {
		t.Errorf("%+v %v", p, err)
	}
}

func mustPerson(w *world, name string) engine.Person {
	p, err := w.bot.Person(w.ctx, name)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func TestGroupsRefuseWhomNobodyKnows(t *testing.T) {
	w := newWorld(t)
	if _, err := w.bot.SetGroup(w.ctx, bot.Operator, "triage", []string{"ann", "bobb"}, false); !strings.Contains(err.Error(), "I know nobody called bobb. Did you mean bob?") {
		t.Errorf("got %v", err)
	}
	groups, _ := w.store.Groups(w.ctx)
	if len(groups["triage"]) != 2 {
		t.Errorf("a refused change changed something: %v", groups)
	}
	if _, err := w.bot.SetGroup(w.ctx, bot.Operator, "@approvers", nil, false); engine.CodeOf(err) != engine.Invalid {
		t.Errorf("got %v", err)
	}
	if _, err := w.bot.AddChannel(w.ctx, bot.Operator, "nowhere", ""); engine.CodeOf(err) != engine.Invalid {
		t.Errorf("got %v", err)
	}
	if _, err := w.bot.AddPerson(w.ctx, bot.Operator, "ann", ""); engine.CodeOf(err) != engine.Conflict {
		t.Errorf("got %v", err)
	}
	for _, cmd := range []string{"/flow admin person-add eve admin", "/flow admin group-set triage ann", "/flow admin role ann admin", "/flow admin channel-add #x"} {
		if _, err := w.say("ann", cmd); engine.CodeOf(err) != engine.Denied {
			t.Errorf("%s by a builder: %v", cmd, err)
		}
	}
}

// A code that was written where others read it is good for one try: what fails leaves nothing for who reads along.
func TestAnOpenCodeIsGoodForOneTry(t *testing.T) {
	w := fresh(t)
	code, _ := w.bot.FirstAdmin(w.ctx)
	if err := w.told("ann", "admin claim "+code+" no/name"); !strings.Contains(err, "Others could read this code, so it works no more. Get a new one") {
		t.Fatalf("got %q", err)
	}
	if a := w.audit.last(); a.What != "ticket.burnt" || !strings.Contains(a.Detail, "user=U-ann") {
		t.Errorf("%+v", a)
	}
	if got := w.text(w.say("eve", "/flow admin claim "+code)); !strings.Contains(got, "This code was used, has expired, or never was") {
		t.Fatalf("who read along: %q", got)
	}
	code, _ = w.bot.FirstAdmin(w.ctx)
	if got := w.told("ann", "admin claim "+code); !strings.Contains(got, "You are ann now (admin). Next time type a code as a command") {
		t.Errorf("got %q", got)
	}
	if a := w.audit.last(); a.What != "ticket.used" || !strings.Contains(a.Detail, "workspace=T1 user=U-ann") {
		t.Errorf("%+v", a)
	}
}

// told writes to the bot in a channel and gives what it answers.
func (w *world) told(who, text string) string { return w.text(w.tell(who, text)) }
