package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
)

// What people do in chat while the benchmark runs (issue 4: 100 events a second, on two cores, while runs execute).
const (
	chatRate  = 100  // a second
	chatCount = 3000 // in all: half a minute
)

// BenchmarkChat measures how long a platform waits for its acknowledgement while a hundred things a second happen in
// chat and each message starts a run that calls out; platform, receiver and bot share the machine.
//
//	go test ./cmd/bretelle -run '^$' -bench BenchmarkChat
//
// Both platforms give up after three seconds.
func BenchmarkChat(b *testing.B) {
	program := built(b)
	b.Run("slack", func(b *testing.B) {
		s := slacktest.NewServer(b)
		var calls atomic.Int64
		p := newBot(b)
		p.program = program
		p.env = []string{envSlackURL + "=" + s.URL, envSlackBot + "=" + s.Token(slacktest.Team), envSlackApp + "=" + slacktest.AppToken}
		p.start()
		chatting(b, p, "slack:"+slacktest.Team+"/#triage", &calls)
		p.sees(p.log, "connected")
		deliveries := make([]*slacktest.Delivery, 0, chatCount)
		steadily(chatCount, func(i int) {
			deliveries = append(deliveries, s.Event(slacktest.Team, map[string]any{"type": "message", "channel": slacktest.Triage, "channel_type": "channel", "user": slacktest.Bob,
				"text": fmt.Sprint("deploy ", i), "ts": fmt.Sprintf("1600000000.%06d", i), "team": slacktest.Team}))
		})
		for _, d := range deliveries {
			d.Wait()
		}
		report(b, s.Counters().Latencies)
		eventually(b, func() bool { return calls.Load() >= chatCount }, func() string { return fmt.Sprint(calls.Load(), " runs called\n", p.log()) })
		if n := calls.Load(); n != chatCount {
			b.Errorf("%d calls for %d messages", n, chatCount)
		}
		p.stop()
	})
	b.Run("discord", func(b *testing.B) {
		s := discordtest.NewServer(b)
		s.Token = aBotToken
		var calls atomic.Int64
		p := newBot(b)
		p.program = program
		p.env = []string{envDiscordURL + "=" + s.URL, envDiscordToken + "=" + aBotToken}
		p.start()
		chatting(b, p, discordRoom, &calls)
		p.sees(p.log, "connected")
		bob := s.Client(discordBob)
		bob.Command("admin claim", "code", p.codeFor("Bob"), "name", "Bob")
		p.sees(bob.Screen, "You are Bob now")
		room := bob.Channel
		asked := make([]*discordtest.Interaction, 0, chatCount/2)
		messages := 0
		steadily(chatCount, func(i int) {
			if i%2 == 0 {
				messages++
				s.Say(discordBob, room, fmt.Sprint("deploy ", i))
				return
			}
			asked = append(asked, s.Act(discordBob, room, 2, map[string]any{"id": "1", "name": "flow", "type": 1,
				"options": []any{map[string]any{"type": 1, "name": "pending"}}}, ""))
		})
		var took []time.Duration
		for _, i := range asked {
			s.Answer(i)
			took = append(took, s.Took(i))
		}
		report(b, took)
		eventually(b, func() bool { return calls.Load() >= int64(messages) }, func() string { return fmt.Sprint(calls.Load(), " runs called\n", p.log()) })
		if n := calls.Load(); n != int64(messages) {
			b.Errorf("%d calls for %d messages", n, messages)
		}
		p.stop()
	})
}

// chatting gives the bot a flow that calls out for each message that says deploy.
func chatting(b *testing.B, p *botProcess, place string, calls *atomic.Int64) {
	b.Helper()
	url := serveLocal(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		w.WriteHeader(http.StatusCreated)
	}))
	p.cli("person", "add", "ann", "--role", "admin")
	p.apply(fmt.Sprintf(`flow: deploys
channel: %q
trigger:
  on: chat.message
  with: {pattern: deploy, from: anyone}
steps:
  - {id: call, do: http.request, with: {method: PUT, url: "%s/deploy", allow_private: true, json: {text: "{{ event.text }}"}}}
`, place, url))
}

// codeFor is a code with which somebody says who they are.
func (b *botProcess) codeFor(name string) string {
	b.t.Helper()
	b.cli("person", "add", name, "--role", "admin")
	link, _, _ := strings.Cut(strings.TrimSpace(b.cli("login", name)), " ")
	return link[strings.LastIndexByte(link, '/')+1:]
}

// steadily does something count times, chatRate times a second.
func steadily(count int, do func(i int)) {
	tick := time.NewTicker(time.Second / chatRate)
	defer tick.Stop()
	for i := range count {
		<-tick.C
		do(i)
	}
}

func report(b *testing.B, took []time.Duration) {
	b.Helper()
	if len(took) == 0 {
		b.Fatal("nothing was acknowledged")
	}
	took = slices.Clone(took)
	slices.Sort(took)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
	b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
	b.ReportMetric(took[len(took)-1].Seconds()*1000, "max-ms")
}
