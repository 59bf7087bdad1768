package chat_test

import (
	"context"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/chat"
	"github.com/bretelle/bretelle/connectors/connectortest"
	"github.com/bretelle/bretelle/engine"
)

func TestContract(t *testing.T) { connectortest.Run(t, chat.New(), connectortest.Options{}) }

// A dry run says the place that a message would go to, not that of the sample.
func TestDryRunNamesThePlace(t *testing.T) {
	cat, err := connectors.NewCatalog(chat.New())
	if err != nil {
		t.Fatal(err)
	}
	p := connectors.NewPerformer(cat, connectors.Exits{})
	for input, want := range map[string]string{
		`post {"text":"x"}`:                    `{"ref":"1700000000.000100","to":"#general"}`,
		`post {"text":"x","to":"#ops"}`:        `{"ref":"1700000000.000100","to":"#ops"}`,
		`reply {"text":"x","message":"m"}`:     `{"ref":"1700000000.000100","to":"#general"}`,
		`direct {"text":"x","person":"@kim"}`:  `{"ref":"1700000000.000100","to":"@kim"}`,
		`react {"emoji":"eyes","message":"m"}`: `{"to":"#general"}`,
	} {
		action, in, _ := strings.Cut(input, " ")
		task := engine.Task{Action: "chat.message." + action, Key: "r/s", Input: []byte(in), Channel: engine.Place{Channel: "#general"}}
		if r, assumed := p.Rehearse(t.Context(), task); !assumed || string(r.Output) != want {
			t.Errorf("%s gives %s %+v, wanted %s", input, r.Output, r.Failure, want)
		}
	}
}

func TestMessengerErrors(t *testing.T) {
	cat, err := connectors.NewCatalog(chat.New())
	if err != nil {
		t.Fatal(err)
	}
	m := &connectortest.Messenger{}
	p := connectors.NewPerformer(cat, connectors.Exits{Messenger: m})
	task := engine.Task{Action: "chat.message.post", Key: "r/s", Input: []byte(`{"to":"#a","text":7}`)}
	for code, class := range map[engine.Code]engine.FailureClass{
		engine.NotFound: engine.BadInput, engine.Invalid: engine.BadInput, engine.Denied: engine.Rejected,
		engine.Throttled: engine.Busy, engine.Unavailable: engine.Unsure, engine.Timeout: engine.Unsure,
	} {
		m.Err = engine.E(code, "no")
		if r := p.Perform(context.Background(), task); r.Failure == nil || r.Failure.Class != class || r.Failure.Code != code {
			t.Errorf("%s: %+v, wanted %s", code, r.Failure, class)
		}
	}
	m.Err = nil
	for range 3 {
		if r := p.Perform(context.Background(), task); string(r.Output) != `{"ref":"ref-1","to":"#a"}` {
			t.Errorf("got %s %+v", r.Output, r.Failure)
		}
	}
	if len(m.Posts()) != 1 || m.Posts()[0].Text != "7" {
		t.Errorf("posted %v", m.Posts())
	}
	if r := connectors.NewPerformer(cat, connectors.Exits{}).Perform(context.Background(), task); r.Failure == nil || r.Failure.Class != engine.BadInput {
		t.Errorf("without a messenger: %+v", r.Failure)
	}
}
