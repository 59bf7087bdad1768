package bot

import (
	"context"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// failedTrigger is the trigger of flows that hear of others' failures; a setting "flow" names one.
const failedTrigger = "flow.failed"

// hearsay is which events a text tells, and which that it listens to or waits for.
func hearsay(f *flow.Flow) (told, heard []string) {
	if name := heardBy(f); name != "" {
		heard = append(heard, name)
	}
	f.Walk(func(s *flow.Step) {
		if s.Emit != nil {
			told = append(told, s.Emit.Event)
		}
		if s.Wait != nil && s.Wait.Event != nil {
			heard = append(heard, s.Wait.Event.Name)
		}
	})
	return told, heard
}

// heardBy is the event that a text's trigger listens to; "" for another trigger.
func heardBy(f *flow.Flow) string {
	if f.Trigger.On != flow.Emitted {
		return ""
	}
	name, _ := f.Trigger.With.Known()["event"].(string)
	return name
}

// mayHear reports whether somebody may have a flow listen to what others tell and to how they fail: it carries what they
// say to where the flow speaks, so they have to be flows that the person may see.
func (b *Bot) mayHear(ctx context.Context, c *caller, f *flow.Flow, heard []string) error {
	if f.Trigger.On == failedTrigger {
		h := engine.FlowHead{}
		if name, _ := f.Trigger.With.Known()["flow"].(string); name != "" && name != "*" {
			var err error
			if h, err = b.o.Flows.Head(ctx, name); engine.CodeOf(err) == engine.NotFound {
				h = engine.FlowHead{} // nobody knows where it will speak
			} else if err != nil {
				return err
			}
		}
		if err := b.may(ctx, c, DeedSee, h.Name, h.Place, false); err != nil {
			return overheard(err, "This flow hears of failures of flows that you may not see", "")
		}
	}
	return b.others(ctx, f, heard, func(h engine.FlowHead, told, _ []string, name string) error {
		if !has(told, name) {
			return nil
		}
		return overheard(b.may(ctx, c, DeedSee, h.Name, h.Place, false), "This flow hears {event}, which a flow tells that you may not see", name)
	})
}

// mayTell reports whether somebody may have a flow tell events: it starts what listens to them, and wakes what waits.
func (b *Bot) mayTell(ctx context.Context, c *caller, f *flow.Flow, told []string) error {
	return b.others(ctx, f, told, func(h engine.FlowHead, _, heard []string, name string) error {
		if !has(heard, name) {
			return nil
		}
		return overheard(b.may(ctx, c, DeedRun, h.Name, h.Place, false), "This flow tells {event}, which a flow hears that you may not start", name)
	})
}

// others judges each other live flow for each event.
func (b *Bot) others(ctx context.Context, f *flow.Flow, events []string, judge func(h engine.FlowHead, told, heard []string, name string) error) error {
	if len(events) == 0 {
		return nil
	}
	heads, err := b.o.Flows.List(ctx)
	if err != nil {
		return err
	}
	for _, h := range heads {
		if h.Name == f.Name || h.Live == 0 {
			continue
		}
		source, err := b.o.Flows.Source(ctx, h.Name, "live")
		if err != nil {
			return err
		}
		other, _ := flow.Parse(source)
		if other == nil {
			continue
		}
		told, heard := hearsay(other)
		for _, name := range events {
			if err := judge(h, told, heard, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// overheard says what is refused; it names no flow that somebody may not see.
func overheard(err error, msg, event string) error {
	if engine.CodeOf(err) != engine.Denied {
		return err
	}
	e := *engine.AsError(err)
	args := map[string]any{"event": event}
	for k, v := range e.Args {
		args[k] = v
	}
	e.Msg, e.Args = msg, args
	return &e
}
