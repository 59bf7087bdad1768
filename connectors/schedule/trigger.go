package schedule

import (
	"time"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/calendar"
)

// Tick is the trigger's name.
const Tick = "schedule.tick"

// MostMissed bounds how many missed ticks are made up at once.
const MostMissed = 100

// What is done about ticks that were missed while the bot was off or the flow paused.
const (
	MissedSkip = "skip" // nothing
	MissedOne  = "one"  // the last one is made up
	MissedAll  = "all"  // the last MostMissed are made up
)

// New is the connector.
func New() connectors.Connector {
	return connectors.Connector{
		Name:  "schedule",
		Title: "Schedule",
		Doc:   "Starts flows by the clock.",
		Triggers: []engine.TriggerKind{{
			Name:  Tick,
			Title: "At certain times",
			Doc: "Starts a run at certain times. A local time that clocks jump over runs as soon as they have, one that comes twice runs once. " +
				"While a flow is paused nothing ticks; what it missed is made up afterwards as missed says.",
			With:     withSchema(),
			Event:    eventSchema(),
			Check:    check,
			Describe: describe,
		}},
	}
}

func withSchema() *engine.Schema {
	return &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "at", Schema: &engine.Schema{Type: "string", Title: "When", Example: "every weekday at 9:00",
			Doc: "The times in plain words: every weekday at 9:00, mondays and thursdays at 17:30, on the 1st of each month at 6:00."}},
		{Name: "every", Schema: &engine.Schema{Type: "string", Format: "duration", Title: "Every", Example: "5m",
			Doc: "Instead of times, an interval: 5m, 2h, 1d. It is counted from midnight UTC."}},
		{Name: "cron", Schema: &engine.Schema{Type: "string", Format: "cron", Title: "Cron", Example: "0 9 * * 1-5", Advanced: true,
			Doc: "Instead of words, minute, hour, day of the month, month and day of the week."}},
		{Name: "timezone", Schema: &engine.Schema{Type: "string", Format: "timezone", Title: "Time zone", Example: "Europe/Zurich", Advanced: true,
			Doc: "Where the times are meant. Left out, it is the flow's time zone."}},
		{Name: "missed", Schema: &engine.Schema{Type: "string", Title: "Missed times", Default: MissedOne, Advanced: true,
			Enum:   []string{MissedOne, MissedSkip, MissedAll},
			Titles: []string{"make up the last one", "leave them out", "make up all of them"},
			Doc:    "What happens to times that passed while the bot was off or the flow was paused. At most 100 are made up."}},
	}}
}

func eventSchema() *engine.Schema {
	return &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "scheduled", Schema: &engine.Schema{Type: "string", Format: "date-time", Doc: "The time this tick is for."}},
		{Name: "previous", Schema: &engine.Schema{Type: "string", Format: "date-time", Doc: "The time that the tick before was for, or nothing for the first one."}},
		{Name: "missed", Schema: &engine.Schema{Type: "boolean", Doc: "Whether the tick is made up, because nobody was there at its time."}},
	}}
}

// check finds what the schema cannot say. The flow's zone was checked with the flow.
func check(with map[string]any) map[string]*engine.Error {
	_, errs := calendar.Parse(with, "")
	return errs
}

func describe(with map[string]any) engine.Text {
	text := func(f string) string { s, _ := with[f].(string); return s }
	zone := text("timezone")
	switch at, every, cron := text("at"), text("every"), text("cron"); {
	case at != "" && zone != "":
		return engine.Say("by the clock: {when}, time of {zone}", "when", at, "zone", zone)
	case at != "":
		return engine.Say("by the clock: {when}", "when", at)
	case every != "":
		return engine.Say("every {interval}", "interval", every)
	case cron != "" && zone != "":
		return engine.Say("by the clock: {when}, time of {zone}", "when", cron, "zone", zone)
	case cron != "":
		return engine.Say("by the clock: {when}", "when", cron)
	}
	return engine.Say("At certain times")
}

// Data is the event of one tick; a zero previous is none.
func Data(scheduled, previous time.Time, missed bool) map[string]any {
	m := map[string]any{"scheduled": stamp(scheduled), "previous": nil, "missed": missed}
	if !previous.IsZero() {
		m["previous"] = stamp(previous)
	}
	return m
}

// Key is a tick's dedup key: its scheduled time. Trigger ids begin with the flow.
func Key(scheduled time.Time) string { return stamp(scheduled) }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
