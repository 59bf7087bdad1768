package bottest

import (
	"context"
	"strings"
	"sync"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/formtest"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Host is a handler that answers by what it is asked for: "ask" with a card for everybody that has a button, a menu and
// a link; "whisper" with a card for the actor alone; "form" with a dialog; "refuse" with an error; anything else with
// nothing. It notes what it was given.
type Host struct {
	desk *formtest.Desk

	mu    sync.Mutex
	got   []bot.In
	gate  chan struct{} // open (nil) or closed: Handle waits for it
	under int           // calls that wait
}

// NewHost makes one.
func NewHost() *Host { return &Host{desk: &formtest.Desk{Small: true}} }

// Heir is the handler of the next life: it knows the dialogs of this one.
func (h *Host) Heir() *Host { return &Host{desk: h.desk.Restart()} }

// Got is what was handled, of one kind.
func (h *Host) Got(kind bot.InKind) []bot.In {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []bot.In
	for _, in := range h.got {
		if in.Kind == kind {
			out = append(out, in)
		}
	}
	return out
}

// Hold keeps every delivery waiting until Go; Waiting is how many do.
func (h *Host) Hold() { h.mu.Lock(); h.gate = make(chan struct{}); h.mu.Unlock() }

// Go lets those go that Hold held.
func (h *Host) Go() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.gate != nil {
		close(h.gate)
		h.gate = nil
	}
}

// Waiting is how many deliveries Hold holds.
func (h *Host) Waiting() int { h.mu.Lock(); defer h.mu.Unlock(); return h.under }

// The words and tokens that Host uses.
const (
	Approve = "Approve"
	Later   = "Remind me"

	approveToken = "0000000000000000000000000000aaaa"
	laterToken   = "0000000000000000000000000000bbbb"
)

// Card is a card with a button and a menu, in a state.
func Card(key, title string) prompts.Card {
	return prompts.Card{Key: key, Lang: "en", State: engine.CardOpen, Title: prompts.Line{{Text: title}}, Text: title,
		Blocks:  []prompts.Block{prompts.Para{Line: prompts.Line{{Text: "POST https://tracker.example.org/tickets"}}}},
		Buttons: []prompts.Button{{ID: "approve", Label: Approve, Token: approveToken, Style: prompts.Primary}},
		Menus:   []prompts.Menu{{ID: "later", Label: Later, Token: laterToken, Options: []prompts.Option{{Value: "1h", Label: "In an hour"}, {Value: "1d", Label: "Tomorrow"}}}}}
}

// Handle answers.
func (h *Host) Handle(ctx context.Context, in bot.In) (bot.Reply, error) {
	h.mu.Lock()
	h.got = append(h.got, in)
	gate := h.gate
	h.under++
	h.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
		}
	}
	h.mu.Lock()
	h.under--
	h.mu.Unlock()
	switch in.Kind {
	case bot.InCommand:
		switch words := strings.Fields(in.Text); {
		case len(words) < 2:
		case words[1] == "ask":
			return bot.Shared{Card: Card("", "Ticket for everybody?")}, nil
		case words[1] == "whisper":
			return bot.Private{Card: prompts.Say(prompts.Ctx{Lang: "en"}, "For {name} alone", "name", words[len(words)-1])}, nil
		case words[1] == "form":
			return h.desk.Handle(ctx, in)
		case words[1] == "refuse":
			return nil, engine.E(engine.Denied, "You may run flows here, but not change them").WithHint("Ann (admin) can allow it.")
		}
	case bot.InPress, bot.InSubmit:
		if in.Token != approveToken {
			return h.desk.Handle(ctx, in)
		}
	}
	return bot.Nothing{}, nil
}

// Options completes flows' names.
func (h *Host) Options(ctx context.Context, in bot.In) ([]prompts.Option, error) {
	if in.Kind == bot.InLookUp {
		return h.desk.Options(ctx, in)
	}
	head := in.Text[:strings.LastIndexByte(in.Text, ' ')+1]
	var out []prompts.Option
	for _, name := range []string{"bug-triage", "bug-digest", "release"} {
		if strings.HasPrefix(name, in.Text[len(head):]) {
			out = append(out, prompts.Option{Value: head + name, Label: head + name})
		}
	}
	return out, nil
}
