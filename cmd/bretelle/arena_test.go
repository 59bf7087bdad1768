package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/console"
	"github.com/bretelle/bretelle/bot/discord"
	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
	"github.com/bretelle/bretelle/connectors/all"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// Where the arena's questions stand.
const (
	slackPlace   = "slack:" + slacktest.Team + "/#triage"
	discordPlace = "discord:" + guild + "/#triage"
	discordIn    = "345626669114982999"
)

// arena is one bot on the real runtime and SQLite, with both platforms live and the console, in one process: what a
// delivery does is read from the journal and the audit.
type arena struct {
	t       *testing.T
	store   *sqlite.Store
	library *flows.Library
	runtime *local.Runtime
	bot     *bot.Bot
	slack   *slacktest.Server
	heard   *slacktest.Connected
	discord *discordtest.Server
	stop    func() // ends all that listens
	dir     string
	log     *strings.Builder
	commits chan struct{}
	ids     map[string]string

	mu   sync.Mutex
	did  map[string]int // performed steps, by run
	n    int
	over sync.WaitGroup
	acts atomic.Int64 // what people did, so that each of their deliveries has an id of its own
}

// The live surfaces without their pace, which is tried elsewhere: here many things happen at once.
type (
	fastSlack   struct{ *slack.Surface }
	fastDiscord struct{ *discord.Surface }
)

func (fastSlack) Pace() (channel, workspace bot.Rate)   { return }
func (fastDiscord) Pace() (channel, workspace bot.Rate) { return }

// Perform notes that a step was done.
func (a *arena) Perform(_ context.Context, t engine.Task) engine.Result {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.did[t.Run]++
	return engine.Result{Output: []byte(`{"ref":"m1","place":"#x"}`)}
}

// quietLog writes into the arena's log.
type quietLog struct{ a *arena }

func (l quietLog) Write(p []byte) (int, error) {
	l.a.mu.Lock()
	defer l.a.mu.Unlock()
	return l.a.log.Write(p)
}

func newArena(t *testing.T) *arena {
	t.Helper()
	a := &arena{t: t, slack: heldSlack(t), discord: heldDiscord(t), commits: make(chan struct{}, 1), ids: map[string]string{},
		did: map[string]int{}, log: &strings.Builder{}, dir: filepath.Join(t.TempDir(), "data")}
	a.discord.Token = aBotToken
	var err error
	a.store, err = sqlite.Open(t.Context(), sqlite.Options{Dir: a.dir})
	a.must(nil, err)
	t.Cleanup(func() { _ = a.store.Close() })
	catalog, err := all.Catalog()
	a.must(nil, err)
	log := slog.New(slog.NewTextHandler(quietLog{a}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	a.library, err = flows.New(t.Context(), flows.Options{Store: a.store, Catalog: catalog})
	a.must(nil, err)
	a.runtime, err = local.New(local.Options{Store: a.store, Flows: a.library, Performer: a, Audit: a.store.Audit, Log: log, OnCommit: func() {
		select {
		case a.commits <- struct{}{}:
		default:
		}
	}})
	a.must(nil, err)
	a.must(nil, a.runtime.Start(t.Context()))
	t.Cleanup(func() { _ = a.runtime.Close(context.Background()) })
	so := a.slack.Options()
	so.App, so.Inbox, so.Log, so.Pause = engine.NewSecret(slacktest.AppToken), a.store, log, 20*time.Millisecond
	onSlack := slack.New(so)
	onDiscord, err := discord.New(discord.Options{Token: engine.NewSecret(aBotToken), APIURL: a.discord.URL, Live: discord.Live{Inbox: a.store, Log: log,
		Load: func(context.Context, string) (string, error) { return "", nil }, Store: func(context.Context, string, string) error { return nil }}})
	a.must(nil, err)
	a.bot, err = bot.New(bot.Options{People: a.store, Outbox: a.store, Inbox: a.store, Audit: a.store, Runs: runs{a.runtime}, Flows: a.library, Log: log,
		Surfaces: []bot.Surface{console.New(console.Options{Messages: a.store, People: a.store, Log: log}), fastSlack{onSlack}, fastDiscord{onDiscord}}})
	a.must(nil, err)
	a.heard = a.slack.Run(onSlack, a.bot)
	ctx, cancel := context.WithCancel(t.Context())
	a.over.Go(func() { _ = onDiscord.Listen(ctx, a.bot) })
	var once sync.Once
	a.stop = func() { once.Do(func() { cancel(); a.heard.Stop(); a.over.Wait() }) }
	t.Cleanup(a.stop)
	a.slack.Until("sockets", func() bool { return a.slack.Open() > 0 })
	a.discord.AwaitOpen()
	return a
}

func (a *arena) must(_ any, err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

// person is somebody with accounts, "slack:T0123/U1".
func (a *arena) person(name string, role engine.Role, accounts ...string) {
	a.t.Helper()
	p, err := a.bot.AddPerson(a.t.Context(), bot.Operator, name, role)
	a.must(p, err)
	a.ids[name] = p.ID
	for _, s := range accounts {
		at, user, _ := strings.Cut(s, "/")
		surface, workspace, _ := strings.Cut(at, ":")
		a.must(nil, a.store.Link(a.t.Context(), engine.Identity{Surface: surface, Workspace: workspace, User: user, Person: p.ID}))
	}
}

// flow publishes one of that name whose approval stands on both platforms.
func (a *arena) flow(name, with string) {
	a.t.Helper()
	source := fmt.Sprintf(`flow: %s
channel: %q
notify: {approvals: [%[2]q, %q]}
trigger: {on: schedule.tick, with: {every: 1d}}
steps:
  - id: review
    ask: approval
    covers: [say]
    with: {title: "Post it?", edit: [say.text], %s}
  - id: say
    do: chat.message.post
    with: {text: "hello"}
`, name, slackPlace, discordPlace, with)
	_, err := a.library.Save(a.t.Context(), []byte(source), -1, "ann")
	a.must(nil, err)
	_, problems, err := a.library.Publish(a.t.Context(), name, "ann")
	if err != nil || problems.Bad() {
		a.t.Fatalf("%s: %v %v", source, problems, err)
	}
}

// ask starts a run, and shows its question on both platforms.
func (a *arena) ask(flow string) engine.RunView {
	a.t.Helper()
	trigger, err := a.library.ManualTrigger(a.t.Context(), flow)
	a.must(nil, err)
	a.n++
	got, err := a.runtime.Accept(a.t.Context(), engine.Batch{Trigger: trigger, Manual: true, From: "person:nobody",
		Items: []engine.Item{{Key: fmt.Sprint("k", a.n), Data: map[string]any{"body": map[string]any{}}}}})
	a.must(nil, err)
	v := a.until(got[0].Run, func(v engine.RunView) bool { return len(v.Asks) > 0 })
	a.deliver()
	return v
}

func (a *arena) deliver() {
	a.t.Helper()
	_, err := a.bot.Deliver(a.t.Context())
	a.must(nil, err)
}

func (a *arena) until(run string, ok func(engine.RunView) bool) engine.RunView {
	a.t.Helper()
	for late := time.After(patience); ; {
		v, err := a.runtime.Run(a.t.Context(), run)
		a.must(nil, err)
		if ok(v) {
			return v
		}
		select {
		case <-a.commits:
		case <-late:
			a.t.Fatalf("run %+v", v)
		}
	}
}

// placard is a message of a platform: its id, what it says, and the tokens of its buttons by their names.
type placard struct {
	id, text string
	tokens   map[string]string
}

// found looks for a run's question among messages, newest last.
func found(t *testing.T, number int64, all []map[string]any, id string) placard {
	t.Helper()
	for i := len(all) - 1; i >= 0; i-- {
		raw, err := json.Marshal(all[i])
		if err != nil {
			t.Fatal(err)
		}
		if s := strings.ReplaceAll(string(raw), `\\`, ""); strings.Contains(s, fmt.Sprintf(`#%d`, number)) {
			at, _ := all[i][id].(string)
			return placard{id: at, text: s, tokens: tokensIn(all[i])}
		}
	}
	t.Fatalf("no message of #%d among %d", number, len(all))
	return placard{}
}

// tokensIn are the tokens of all buttons in a message, by verb.
func tokensIn(v any) map[string]string {
	out := map[string]string{}
	var look func(v any)
	look = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				look(x)
			}
		case map[string]any:
			if id, ok := v["custom_id"].(string); ok { // b:VERB:TOKEN
				if p := strings.Split(id, ":"); len(p) == 3 {
					out[p[1]] = p[2]
				}
			}
			if id, ok := v["action_id"].(string); ok { // button:N:VERB
				token, _ := v["value"].(string)
				if p := strings.Split(id, ":"); len(p) == 3 && token != "" {
					out[p[2]] = token
				}
			}
			for _, x := range v {
				look(x)
			}
		}
	}
	look(v)
	return out
}

func (a *arena) onSlack(number int64) placard {
	a.t.Helper()
	return found(a.t, number, a.slack.Messages(slacktest.Triage), "ts")
}

func (a *arena) onDiscord(number int64) placard {
	a.t.Helper()
	var all []map[string]any
	for _, m := range a.discord.Messages(discordIn) {
		raw, err := json.Marshal(m.Data)
		a.must(nil, err)
		data := map[string]any{}
		a.must(nil, json.Unmarshal(raw, &data))
		data["id"] = m.ID
		all = append(all, data)
	}
	return found(a.t, number, all, "id")
}

// rows are the audit's, of a run; "" is all.
func (a *arena) rows(run string) []engine.AuditEntry {
	a.t.Helper()
	all, err := a.store.AuditEntries(a.t.Context(), 0, 1_000_000)
	a.must(nil, err)
	var out []engine.AuditEntry
	for _, r := range all {
		if strings.Contains(r.Object, run) {
			out = append(out, r)
		}
	}
	return out
}

func (a *arena) done(run string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.did[run]
}
