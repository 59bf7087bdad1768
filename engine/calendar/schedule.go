package calendar

import (
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/bretelle/bretelle/engine"
)

// Shortest is the shortest interval of ticks.
const Shortest = 10 * time.Second

// maxText bounds an expression, in bytes.
const maxText = 200

// Schedule says when ticks are. It is immutable.
type Schedule struct {
	every time.Duration   // 0: by crons
	crons []cron.Schedule // walked in wall-clock time
	zone  *time.Location
	spec  string
}

// In is the schedule by the clock of another zone; intervals are the same in each.
func (s *Schedule) In(zone *time.Location) *Schedule {
	out := *s
	if out.zone = zone; s.every == 0 {
		out.spec = s.spec[:strings.LastIndexByte(s.spec, '|')+1] + zone.String()
	}
	return &out
}

// Spec is what the schedule was made of, time zone included: another one is another schedule.
func (s *Schedule) Spec() string { return s.spec }

// Next is the first tick after an instant; zero when there is none within five years.
func (s *Schedule) Next(after time.Time) time.Time {
	if s.every > 0 {
		ms := after.UnixMilli()
		step := s.every.Milliseconds()
		n := ms - ms%step
		if ms%step < 0 {
			n -= step
		}
		return time.UnixMilli(n + step).UTC()
	}
	var first time.Time
	for _, c := range s.crons {
		if t := next(c, after, s.zone); !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// next walks one expression. A wall-clock time that comes twice has its instant behind us the second time, and one
// that clocks jump over shares its instant with others: both are passed over.
func next(c cron.Schedule, after time.Time, zone *time.Location) time.Time {
	for w := wall(after, zone); ; {
		w = c.Next(w)
		if w.IsZero() {
			return time.Time{}
		}
		if t := instant(w, zone); t.After(after) {
			return t
		}
	}
}

// Between lists the ticks after one instant up to and with another, oldest first, at most the last most of them.
func (s *Schedule) Between(after, until time.Time, most int) []time.Time {
	if !until.After(after) || most <= 0 {
		return nil
	}
	// The window grows from its end, so that ten missed years of minutes cost no more than the last hundred.
	for back := time.Hour; ; back *= 8 {
		from := after
		if span := until.Sub(after); span > back {
			from = until.Add(-back)
		}
		var ticks []time.Time
		for t := s.Next(from); !t.IsZero() && !t.After(until); t = s.Next(t) {
			ticks = append(ticks, t)
		}
		if len(ticks) >= most {
			return ticks[len(ticks)-most:]
		}
		if from.Equal(after) || back > maxBack {
			return ticks
		}
	}
}

// maxBack is how far back missed ticks are looked for at most.
const maxBack = 6 * 366 * 24 * time.Hour

// Parse reads what says when: exactly one of cron, every and at. zone is the flow's, used
// when the settings name none. Errors, Invalid, are by field.
func Parse(with map[string]any, zone string) (*Schedule, map[string]*engine.Error) {
	text := func(field string) string { s, _ := with[field].(string); return strings.TrimSpace(s) }
	if z := text("timezone"); z != "" {
		zone = z
	}
	s := &Schedule{zone: time.UTC}
	if zone != "" && zone != "UTC" {
		loc, err := time.LoadLocation(zone)
		if err != nil || strings.EqualFold(zone, "local") {
			return nil, map[string]*engine.Error{"timezone": engine.E(engine.Invalid, `"{zone}" is not a time zone`, "zone", clip(zone)).
				WithHint("Write its IANA name, like Europe/Zurich or UTC.")}
		}
		s.zone = loc
	}
	var field, value string
	for _, f := range []string{"cron", "every", "at"} {
		if v := text(f); v != "" {
			if field != "" {
				return nil, map[string]*engine.Error{f: engine.E(engine.Invalid, "There are two schedules: {first} and {second}", "first", field, "second", f).
					WithHint("Keep one of them.")}
			}
			field, value = f, v
		}
	}
	err := s.read(field, value)
	if err != nil {
		if field == "" {
			field = "at"
		}
		return nil, map[string]*engine.Error{field: err}
	}
	if s.spec += "|" + s.zone.String(); s.every > 0 {
		s.spec = "every " + s.every.String() // the same instants in every zone
	}
	return s, nil
}

func (s *Schedule) read(field, value string) *engine.Error {
	if len(value) > maxText {
		return engine.E(engine.TooLarge, "This schedule is longer than {max} characters", "max", maxText)
	}
	switch field {
	case "every":
		return s.interval(value)
	case "cron":
		if rest, ok := strings.CutPrefix(value, "@every "); ok {
			return s.interval(strings.TrimSpace(rest))
		}
		return s.cron(value)
	case "at":
		p, err := Words(value)
		if err != nil {
			return err
		}
		if p.Every > 0 {
			return s.interval(p.Every.String())
		}
		for _, c := range p.Crons {
			if err := s.cron(c); err != nil {
				return err
			}
		}
		return nil
	}
	return engine.E(engine.Invalid, "It does not say when").WithHint(`Write one of at: "every weekday at 9:00", every: 5m, or cron: "0 9 * * 1-5".`)
}

func (s *Schedule) interval(text string) *engine.Error {
	d, err := Duration(strings.TrimPrefix(text, "every "))
	if err != nil {
		return engine.AsError(err)
	}
	if d < Shortest {
		return engine.E(engine.Invalid, "The shortest interval is {shortest}", "shortest", Shortest.String())
	}
	s.every = d
	return nil
}

func (s *Schedule) cron(text string) *engine.Error {
	upper := strings.ToUpper(text)
	if strings.Contains(upper, "TZ=") { // the library reads it, and panics on some
		return engine.E(engine.Invalid, "A time zone does not belong into the expression").WithHint("Write timezone: beside it.")
	}
	if n := len(strings.Fields(text)); n != 5 && !strings.HasPrefix(text, "@") {
		return engine.E(engine.Invalid, `"{cron}" has {n} parts, wanted five`, "cron", clip(text), "n", n).
			WithHint("They are minute, hour, day of the month, month and day of the week: 0 9 * * 1-5.")
	}
	c, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor).Parse(text)
	if err != nil {
		return engine.E(engine.Invalid, `"{cron}" is not a cron expression`, "cron", clip(text)).
			WithHint("They are minute, hour, day of the month, month and day of the week: 0 9 * * 1-5.").Wrap(err)
	}
	if sp, ok := c.(*cron.SpecSchedule); ok {
		sp.Location = time.UTC // it is walked in wall-clock time
	}
	if c.Next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return engine.E(engine.Invalid, `"{cron}" never comes`, "cron", clip(text)).WithHint("There is no such day in any month.")
	}
	s.crons = append(s.crons, c)
	s.spec += text + ";"
	return nil
}

func clip(s string) string {
	r := []rune(strings.ToValidUTF8(s, "\uFFFD"))
	if len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return string(r)
}
