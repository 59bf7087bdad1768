package bot_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// rightsTable is every role against every deed, written out: x may, a only when asked, - never.
const rightsTable = `
          see run retry fix outcome decide pause build publish people
none      -   -   -     -   -       -      -     -     -       -
viewer    x   -   a     -   a       a      -     -     -       -
runner    x   x   x     -   x       a      -     -     -       -
builder   x   x   x     x   x       a      x     x     x       -
approver  x   x   x     x   x       a      -     -     -       -
admin     x   x   x     x   x       a      x     x     x       x
`

func TestRights(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(rightsTable), "\n")
	deeds := strings.Fields(lines[0])
	if len(deeds) != len(bot.Deeds()) {
		t.Fatalf("the table has %d deeds, there are %d", len(deeds), len(bot.Deeds()))
	}
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		role := engine.Role(cells[0])
		if role == "none" {
			role = engine.NoRole
		}
		for i, deed := range deeds {
			for _, isAsked := range []bool{false, true} {
				want := cells[i+1] == "x" || cells[i+1] == "a" && isAsked
				// The role counts the same whether it is held everywhere, in the channel, or for the flow, but persons
				// belong to no channel and no flow.
				for where, s := range map[string]bot.Subject{
					"everywhere": {Known: true, Everywhere: role},
					"channel":    {Known: true, Channel: role},
					"flow":       {Known: true, Flow: role},
				} {
					t.Run(fmt.Sprint(cells[0], " ", deed, " ", where, " asked=", isAsked), func(t *testing.T) {
						check(t, s, bot.Deed(deed), isAsked, want && (deed != "people" || where == "everywhere"))
						for _, never := range []bot.Subject{{Known: true, Guest: true, Everywhere: role}, {Known: true, Bot: true, Everywhere: role}, {Everywhere: role}} {
							check(t, never, bot.Deed(deed), isAsked, false)
						}
					})
				}
			}
		}
	}
	check(t, bot.Subject{Known: true, Everywhere: "root"}, bot.DeedSee, true, false)
	check(t, bot.Subject{Known: true, Everywhere: engine.Admin}, "sudo", true, false)
}

func check(t *testing.T, s bot.Subject, d bot.Deed, isAsked, want bool) {
	t.Helper()
	err := bot.Allowed(s, d, bot.Object{Asked: isAsked, Admins: []string{"Mia"}})
	if (err == nil) != want {
		t.Errorf("%+v %s: allowed %v, want %v (%v)", s, d, err == nil, want, err)
	}
	if err != nil && (engine.CodeOf(err) == engine.Internal || err.Error() == "") {
		t.Errorf("%s: no reason for people: %v", d, err)
	}
}

func TestRefusalNamesWhoCanAllowIt(t *testing.T) {
	err := bot.Allowed(bot.Subject{Known: true, Everywhere: engine.Runner}, bot.DeedPublish, bot.Object{Admins: []string{"Mia"}})
	if want := "You may run flows here, but not change them. Mia (admin) can allow it."; err.Error() != want {
		t.Errorf("got %q", err)
	}
}

func TestRolesOfAChannelAndAFlow(t *testing.T) {
	w := newWorld(t)
	if got := w.text(w.say("vic", "/flow pause bug-triage")); !strings.Contains(got, "not change them. mia (admin)") {
		t.Fatalf("got %q", got)
	}
	if a := w.audit.last(); a.What != "flow.pause.refused" || a.Object != "flow/bug-triage" {
		t.Errorf("audit %+v", a)
	}
	w.must(w.bot.AddChannel(w.ctx, bot.Operator, "slack:T1/#triage", ""))
	w.must(w.say("mia", "/flow admin role vic builder slack:T1/#triage"))
	if _, err := w.say("vic", "/flow pause bug-triage"); err != nil {
		t.Fatal(err)
	}
	w.must(w.say("mia", "/flow admin role vic none slack:T1/#triage"))
	if _, err := w.say("vic", "/flow resume bug-triage"); err == nil {
		t.Fatal("the role was taken away")
	}
	w.must(w.say("mia", "/flow admin role vic builder bug-triage"))
	if _, err := w.say("vic", "/flow resume bug-triage"); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(w.flows.did, ","); got != "paused bug-triage,live bug-triage" {
		t.Errorf("did %s", got)
	}
}

// Who is admin of one channel gives themselves nothing elsewhere (RELIABILITY, A-18).
func TestAnAdminOfAChannelStaysThere(t *testing.T) {
	w := newWorld(t)
	w.must(w.bot.AddChannel(w.ctx, bot.Operator, triage.String(), ""))
	w.must(w.say("mia", "/flow admin role vic admin "+triage.String()))
	for _, line := range []string{"/flow admin role vic admin", "/flow admin link mia", "/flow admin person-add eve admin",
		"/flow admin group-set triage vic", "/flow admin people"} {
		if r, err := w.say("vic", line); engine.CodeOf(err) != engine.Denied {
			t.Errorf("%s: %s", line, w.text(r, err))
		}
	}
	if _, err := w.say("vic", "/flow pause bug-triage"); err != nil {
		t.Error(err)
	}
}

// What a person may does not depend on whether they ask in chat, in a browser or from a shell.
func TestMay(t *testing.T) {
	w := newWorld(t)
	v := w.ask("@triage")
	may := func(who string, d bot.Deed) bool {
		a, b := w.bot.May(w.ctx, who, d, "bug-triage", triage), w.bot.MayRun(w.ctx, who, d, v)
		if (a == nil) != (b == nil) {
			t.Errorf("%s %s: %v for the flow, %v for its run", who, d, a, b)
		}
		return a == nil
	}
	for who, want := range map[string]string{bot.Operator: "see pause publish", w.ids["vic"]: "see", w.ids["ann"]: "see pause publish", "nobody": ""} {
		var got []string
		for _, d := range []bot.Deed{bot.DeedSee, bot.DeedPause, bot.DeedPublish} {
			if may(who, d) {
				got = append(got, string(d))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s may %v, wanted %s", who, got, want)
		}
	}
	if a := w.audit.last(); !strings.HasSuffix(a.What, ".refused") || a.Object != "run/"+v.ID {
		t.Errorf("the refusal is not in the audit: %+v", a)
	}
	bob := w.ids["bob"] // in @triage, which is asked
	if err := w.bot.MayRun(w.ctx, bob, bot.DeedRetry, v); err != nil {
		t.Error(err)
	}
	if err := w.bot.May(w.ctx, bob, bot.DeedRetry, "bug-triage", triage); err == nil {
		t.Error("being asked in a run allowed something about the flow")
	}
}

// Roles are read, changed and stored by one at a time: two admins who demote each other leave one, and no role that was
// given is lost.
func TestRolesGivenAtOnce(t *testing.T) {
	w := newWorld(t)
	w.must(w.bot.AddChannel(w.ctx, bot.Operator, triage.String(), ""))
	for round := range 50 {
		w.must(w.bot.SetRole(w.ctx, bot.Operator, "mia", engine.Admin, ""))
		w.must(w.bot.SetRole(w.ctx, bot.Operator, "ann", engine.Admin, ""))
		var all sync.WaitGroup
		for _, f := range []func() error{
			func() error { _, err := w.bot.SetRole(w.ctx, bot.Operator, "mia", engine.Viewer, ""); return err },
			func() error { _, err := w.bot.SetRole(w.ctx, bot.Operator, "ann", engine.Viewer, ""); return err },
			func() error {
				_, err := w.bot.SetRole(w.ctx, bot.Operator, "vic", engine.Builder, triage.String())
				return err
			},
			func() error {
				_, err := w.bot.SetRole(w.ctx, bot.Operator, "bob", engine.Runner, triage.String())
				return err
			},
			func() error { _, err := w.bot.AddChannel(w.ctx, bot.Operator, triage.String(), "fr"); return err },
		} {
			all.Go(func() {
				if err := f(); err != nil && engine.CodeOf(err) != engine.Conflict {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if yes, err := w.bot.HasAdmin(w.ctx); err != nil || !yes {
			t.Fatalf("round %d: nobody is admin any more (%v)", round, err)
		}
		chs, err := w.store.Channels(w.ctx)
		w.must(nil, err)
		for _, c := range chs {
			if c.Place == triage && (c.Lang != "fr" || c.Roles[w.ids["vic"]] != engine.Builder || c.Roles[w.ids["bob"]] != engine.Runner) {
				t.Fatalf("round %d: something given is lost: %+v", round, c)
			}
		}
		w.must(w.bot.SetRole(w.ctx, bot.Operator, "vic", engine.NoRole, triage.String()))
		w.must(w.bot.SetRole(w.ctx, bot.Operator, "bob", engine.NoRole, triage.String()))
		w.must(w.bot.AddChannel(w.ctx, bot.Operator, triage.String(), "en"))
	}
}
