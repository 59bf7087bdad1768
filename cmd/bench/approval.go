package main

import (
	"context"
	"fmt"
	"time"

	"github.com/bretelle/bretelle/bot/control"
)

// approvers is how many persons press buttons in the scenario approval, each one after the other.
const approvers = 8

// approvals: runs that wait for a person before they call. Persons approve through the program's own chat, as fast as
// cards come.
func approvals(ctx context.Context, b *bench) error {
	w, err := b.open(nil, func(url string) []string {
		return []string{head("asks", false) + fmt.Sprintf(`  - {id: ask, ask: approval, covers: [call], with: {title: "Well, {{ event.body.user.name }}?", by: {any: ["@team"], need: 1}}}
  - {id: call, do: http.request, with: {method: POST, url: "%s/x", allow_private: true, json: {n: "{{ event.body.n }}"}}}
`, url)}
	})
	if err != nil {
		return err
	}
	defer w.close()
	team := []string{"group", "set", "team", "ann"}
	for i := range approvers {
		name := fmt.Sprint("p", i)
		if err := w.bot.cli("", "person", "add", name, "--role", "approver"); err != nil {
			return err
		}
		team = append(team, name)
	}
	if err := w.bot.cli("", team...); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	cards := make(chan string, 4096)
	failed := make(chan error, approvers+1)
	go func() {
		failed <- w.bot.client.Watch(ctx, control.WatchIn{As: "ann", In: "#ops", After: -1}, func(h control.Heard) error {
			if h.Card != nil && h.Card.State == "open" && !h.Edited {
				cards <- h.Card.ID
			}
			return nil
		})
	}()
	for i := range approvers {
		go func() {
			for ctx.Err() == nil {
				select {
				case id := <-cards:
					if err := w.bot.ask("chat", control.ChatIn{As: fmt.Sprint("p", i), In: "#ops", Card: id, Press: "approve"}, nil); err != nil {
						failed <- err
						stop()
						return
					}
				case <-ctx.Done():
				}
			}
		}()
	}
	ld := &load{path: always("asks"), flight: b.flight}
	b.amount(ld)
	s, took, used, err := w.stretch(ctx, ld)
	if err != nil {
		select {
		case why := <-failed:
			return fmt.Errorf("%w (%w)", err, why)
		case <-time.After(time.Second):
			return err
		}
	}
	n := float64(s.to - s.from)
	b.out["approval.s"], b.out["approval.cpu.ms"] = n/took.Seconds(), ms(used)/n
	_, ends := w.ledger.latencies(s.from, s.to)
	b.out["approval.p50.ms"] = percentile(ends, 50)
	b.say("%.0f runs with an approval in %s: %.0f/s, %.2f ms of processor time each, half within %.0f ms", n, took.Round(time.Millisecond), b.out["approval.s"], b.out["approval.cpu.ms"], b.out["approval.p50.ms"])
	if err := w.whole(never); err != nil {
		return err
	}
	stop()
	return w.stop()
}
