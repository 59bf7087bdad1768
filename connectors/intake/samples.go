package intake

import (
	"context"
	"errors"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/chat"
	"github.com/bretelle/bretelle/connectors/command"
	"github.com/bretelle/bretelle/connectors/flowfailed"
	"github.com/bretelle/bretelle/connectors/form"
	"github.com/bretelle/bretelle/connectors/mail"
	"github.com/bretelle/bretelle/connectors/schedule"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/calendar"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/flows"
)

// Drafts is what samples ask of the library.
type Drafts interface {
	// Draft is the text that an edit begins with; NotFound.
	Draft(ctx context.Context, name string) (flows.Edit, error)
	// Check reads a text; the flow is nil when there is none in it.
	Check(source []byte) (*flow.Flow, engine.Problems)
	// ManualTrigger is the id that events of a flow are offered under; NotFound, Invalid.
	ManualTrigger(ctx context.Context, name string) (string, error)
}

// Samples makes samples on request: of a flow's draft, or of its live text when there is no draft.
type Samples struct {
	Drafts Drafts
	Intake engine.Intake
	Poller *Poller
	// Mailboxes gives the newest mail; nil gives none.
	Mailboxes *Mailboxes
	Chats     *Chats
}

// Sample has what starts the flow give one event now, which is kept as a sample and starts nothing; no cursor moves.
// Errors: NotFound; Invalid when such a trigger gives none on request, with what to do instead; those of looking.
func (s *Samples) Sample(ctx context.Context, name string) error {
	e, err := s.Drafts.Draft(ctx, name)
	if err != nil {
		return err
	}
	f, _ := s.Drafts.Check(e.Source)
	if f == nil {
		return engine.E(engine.Invalid, "{flow} cannot be started: its text has errors", "flow", name).WithHint("Check it and apply it again.")
	}
	if e.Live > 0 && e.Head.Trigger != f.Trigger.On {
		return engine.E(engine.Invalid, "The draft starts in another way than the version that is live").
			WithHint("Samples of it can be kept once it is live, or in a flow of its own.")
	}
	it, err := s.item(ctx, f, f.Trigger.With.Known())
	if err != nil {
		return wordsOf(err)
	}
	id, err := s.Drafts.ManualTrigger(ctx, name)
	if err != nil {
		return err
	}
	it.Key = "" // asked for twice, it is given twice
	_, err = s.Intake.Accept(ctx, engine.Batch{Trigger: id, Items: []engine.Item{it}, From: "sample", Sample: true})
	return err
}

func (s *Samples) item(ctx context.Context, f *flow.Flow, with map[string]any) (engine.Item, error) {
	person := map[string]any{"id": "00000000-0000-7000-8000-000000000000", "name": "ann"}
	switch f.Trigger.On {
	case schedule.Tick:
		plan, bad := calendar.Parse(with, f.Timezone)
		for _, err := range bad {
			return engine.Item{}, err
		}
		next := plan.Next(s.Poller.Now())
		return engine.Item{Data: schedule.Data(next, next.Add(-plan.Next(next).Sub(next)), false)}, nil
	case form.Submitted:
		fields, err := flow.FormSchema(with["fields"])
		if err != nil {
			return engine.Item{}, err
		}
		return engine.Item{Data: map[string]any{"fields": madeUp(fields), "by": person, "place": f.Channel.String()}}, nil
	case command.Used:
		fields, err := command.Parameters(with)
		if err != nil {
			return engine.Item{}, err
		}
		return engine.Item{Data: map[string]any{"parameters": madeUp(fields), "by": person, "place": f.Channel.String(), "text": ""}}, nil
	case chat.Message, chat.File, chat.Reaction, chat.Joined, chat.Shortcut:
		return s.Chats.Last(ctx, f.Trigger.On, with, f.Channel)
	case flowfailed.Failed:
		n := engine.Notice{Flow: "bug-triage", Number: 12, Place: f.Channel}
		if of, _ := with["flow"].(string); of != "" && of != flowfailed.Any {
			n.Flow = of
		}
		d := engine.FailedData{Step: "ticket", Index: 2, Action: "http.request", Failure: &engine.Failure{Class: engine.Rejected, Code: engine.Refused,
			Msg: "{peer} answered {status}", Args: engine.Args("peer", "tracker.example.org", "status", 422), Status: 422, Said: "project is required"}}
		return engine.Item{Data: failedData(n, d, []string{n.Flow})}, nil
	case mail.Received:
		if s.Mailboxes != nil {
			return s.Mailboxes.Newest(ctx, with)
		}
	}
	if _, ok := s.Poller.o.Sources[f.Trigger.On]; ok {
		return s.Poller.Newest(ctx, f.Trigger.On, with)
	}
	return engine.Item{}, engine.E(engine.Invalid, "What starts this flow cannot be asked for a sample").
		WithHint("Have it happen once: it is kept as a sample, and nothing runs.")
}

// wordsOf is an error of looking as people read it.
func wordsOf(err error) error {
	var f *connectors.Fault
	if errors.As(err, &f) {
		e := f.Failure.Error()
		return e.Wrap(f.Err)
	}
	return err
}
