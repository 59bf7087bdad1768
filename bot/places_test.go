package bot_test

import (
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// A flow may live in the channel of a chat platform that it is made in, though nobody added it; from then on the channel
// is among the choices. On the console an admin adds channels, and what is nobody's channel is proposed nowhere.
func TestAFlowLivesWhereItIsMade(t *testing.T) {
	w := newWorkshop(t)
	for at, want := range map[engine.Place]string{
		{Surface: "slack", Workspace: "T1", Channel: "#fresh"}: "slack:T1/#fresh",
		{Surface: "slack", Workspace: "T1", Channel: "D42"}:    "",
		{Surface: "console", Channel: "#fresh"}:                "",
	} {
		in := w.in(bot.InCommand, "mia")
		if at.Surface == "console" {
			in = w.at(bot.InCommand, "mia")
		}
		in.Place, in.Text = at, "/flow new first"
		got, offered := "", false
		for _, f := range w.form(w.bot.Handle(w.ctx, in)).Fields {
			if f.Name == "channel" {
				got = f.Value
				for _, o := range f.Options {
					offered = offered || o.Value == got && o.Label == "#fresh (slack, T1)"
				}
			}
		}
		if got != want || offered != (want != "") {
			t.Errorf("in %s the dialog proposes %q, offered: %v", at, got, offered)
		}
	}
	k, err := w.store.Channels(w.ctx)
	if err != nil || len(k) != 2 {
		t.Errorf("the channels are %+v, %v", k, err)
	}
}
