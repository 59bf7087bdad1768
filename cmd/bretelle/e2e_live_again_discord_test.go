package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// triageRoom is the id of #triage on a discordtest.Server.
const triageRoom = "345626669114982999"

func onDiscord(s *discordtest.Server) []string {
	return []string{envDiscordURL + "=" + s.URL, envDiscordToken + "=" + s.Token}
}

func newDiscord(t testing.TB) *discordtest.Server {
	s := discordtest.NewServer(t)
	s.Token = aBotToken
	s.Gateway() // takes the server's lock: who asks there sees what was set here
	return s
}

// Issue 4, as TestSlackCrashAtCommits: in Discord. What was lost with the process comes with the resumed session; who
// got no answer within three seconds looks, and does it again when nothing came of it. In the end everything is sent
// once more.
func TestDiscordCrashAtCommits(t *testing.T) {
	t.Parallel()
	s := heldDiscord(t)
	origin := newBot(t)
	origin.env = onDiscord(s)
	origin.start()
	origin.sees(origin.log, "connected")
	bob := s.Client(discordBob)
	bob.Command("admin claim", "code", origin.code(), "name", "Bob")
	origin.sees(bob.Screen, "Bob")
	for _, text := range byAll(discordRoom, "Bob") {
		origin.apply(text)
	}
	origin.stop()
	store, err := sqlite.Open(t.Context(), sqlite.Options{Dir: origin.dir})
	if err == nil {
		err = store.SetSetting(t.Context(), "discord.session", "") // each play is on another Discord
	}
	if err == nil {
		err = store.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	step := 16
	if *long {
		step = 1
	}
	eachCommit(t, step, func(t *testing.T, kill string) int { return discordCrash(t, origin, kill) })
}

func discordCrash(t *testing.T, origin *botProcess, kill string) int {
	s := heldDiscord(t)
	b := origin.copyOf(t)
	defer b.discard()
	b.env = onDiscord(s)
	armed := filepath.Join(t.TempDir(), "armed")
	b.start(killAt + "=" + kill + " since " + armed)
	b.sees(b.log, "connected")
	eventually(t, b.resumable, b.log) // Discord keeps nothing for a session that was not noted
	if err := os.WriteFile(armed, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var dead atomic.Int64
	died := func() { dead.Add(1); s.Lapse() }
	bob := s.Client(discordBob)
	bob.Resigned = true
	// done is what somebody does until it is there: after a failure only when nothing came of it.
	done := func(there func() bool, do func()) {
		t.Helper()
		for range 3 {
			deaths := dead.Load()
			b.through(died, do)
			kind := 0.0 // nothing
			if a := s.Answered(bob.Last()); a != nil {
				kind = a["type"].(float64)
			}
			promised := kind != 0 && kind != 5 && kind != 6
			eventually(t, func() bool { return there() || !promised && (kind == 0 || dead.Load() > deaths) },
				func() string { return kill + ": what was answered is lost:\n" + bob.Screen() + "\n" + b.log() })
			if there() {
				return
			}
		}
		t.Fatalf("%s: never answered\n%s", kill, b.log())
	}
	s.Say(discordBob, triageRoom, "deploy web")
	says := func(text string) func() bool {
		return func() bool { b.revive(died); return strings.Contains(bob.Screen(), text) }
	}
	eventually(t, says("[Approve]"), b.log)
	done(func() bool { return b.decided(died) }, func() {
		if strings.Contains(bob.Screen(), "[Approve]") { // else it is rewritten: somebody decided
			bob.Press("Approve")
		}
	})
	done(func() bool { return slices.Contains(b.byHand(died), 1) }, func() { bob.Command("run", "flow", "byhand", "json", `{"n": 1}`) })
	done(func() bool { return slices.Contains(b.byHand(died), 2) }, func() {
		deaths := dead.Load()
		bob.Command("run", "flow", "byhand")
		if a := s.Answered(bob.Last()); a != nil && a["type"] == 5.0 { // too late for a dialog: a button offers it
			for dead.Load() == deaths && !strings.Contains(bob.Screen(), "[Open it now]") {
				<-time.After(20 * time.Millisecond)
			}
			if dead.Load() == deaths {
				bob.Press("Open it now")
			}
		}
		if strings.Contains(bob.Screen(), `"event"`) {
			bob.Set("event", `{"n": 2}`)
			bob.Save()
		}
	})
	eventually(t, says("deployed web"), b.log)
	s.Replay()
	done(func() bool { return slices.Contains(b.byHand(died), 3) }, func() { bob.Command("run", "flow", "byhand", "json", `{"n": 3}`) })
	b.wantByHand(died, 1, 2, 3)
	for _, text := range []string{"deployed web", "Deploy web?"} {
		if got := saidOn(s, triageRoom, text); got != 1 {
			t.Errorf("%s: %d messages say %q:\n%s\n%s", kill, got, text, bob.Screen(), b.log())
		}
	}
	return int(dead.Load())
}

// decided reports whether the first run's question is answered.
func (b *botProcess) decided(died func()) bool {
	var r runJSON
	b.hears(died, "run.show", map[string]any{"number": 1}, &r)
	return r.State != "waiting"
}

// resumable reports whether the bot's session with Discord is noted.
func (b *botProcess) resumable() bool {
	db, done := b.disk()
	defer done()
	var n int
	err := db.QueryRow(`SELECT count(*) FROM settings WHERE key = 'discord.session' AND value <> ''`).Scan(&n)
	return err == nil && n > 0
}

// saidOn is how many messages for everybody in a channel contain a text.
func saidOn(s *discordtest.Server, channel, text string) (n int) {
	for _, m := range s.Messages(channel) {
		if m.For == "" && strings.Contains(fmt.Sprint(m.Data), text) {
			n++
		}
	}
	return n
}
