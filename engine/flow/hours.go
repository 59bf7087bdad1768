package flow

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// WorkingHours is the word of `wait: {until: working_hours}`.
const WorkingHours = "working_hours"

// Hours are the times of a week at which people work. It is immutable.
type Hours struct {
	text string
	week [7][]span // by weekday, Sunday first; in order
	off  []string  // "2026-12-25", or "12-25" for each year
}

// span is a part of a day in minutes of the wall clock, to excluded.
type span struct{ from, to int }

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// maxSpans bounds the parts of Hours together.
const maxSpans = 50

// ParseHours reads "Mon-Fri 08:00-18:00", "Mon-Thu 08:00-12:00,13:00-17:00; Fri 08:00-12:00", "daily 09:00-17:00", and
// the days on which nobody works, "2026-12-25" or "12-25". The error is Invalid.
func ParseHours(text string, off []string) (*Hours, error) {
	h := &Hours{text: strings.TrimSpace(text)}
	bad := func() (*Hours, error) {
		return nil, engine.E(engine.Invalid, `"{text}" is no working time`, "text", short(text)).
			WithHint("Write days and times: Mon-Fri 08:00-18:00; parts are joined with a semicolon.")
	}
	spans := 0
	for part := range strings.SplitSeq(text, ";") {
		words := strings.Fields(part)
		if len(words) < 2 {
			return bad()
		}
		days, ok := dayList(words[0])
		if !ok {
			return bad()
		}
		for s := range strings.SplitSeq(strings.Join(words[1:], ""), ",") {
			from, to, found := strings.Cut(s, "-")
			a, okA := clockTime(from)
			b, okB := clockTime(to)
			if spans++; !found || !okA || !okB || a >= b || spans > maxSpans {
				return bad()
			}
			for _, d := range days {
				h.week[d] = append(h.week[d], span{a, b})
			}
		}
	}
	for d := range h.week {
		slices.SortFunc(h.week[d], func(a, b span) int { return a.from - b.from })
	}
	for _, d := range off {
		_, err := time.Parse(time.DateOnly, d)
		if _, again := time.Parse(time.DateOnly, "2024-"+d); err != nil && again != nil {
			return nil, engine.E(engine.Invalid, `"{text}" is not a date`, "text", short(d)).WithHint("Write it as year-month-day, or month-day for each year: 12-25.")
		}
		h.off = append(h.off, d)
	}
	return h, nil
}

// String is the text it was read from.
func (h *Hours) String() string { return h.text }

// dayList reads "Mon", "Mon-Fri", "Mon,Wed", "daily" into weekdays.
func dayList(text string) (days []int, ok bool) {
	text = strings.ToLower(text)
	if text == "daily" {
		return []int{0, 1, 2, 3, 4, 5, 6}, true
	}
	for part := range strings.SplitSeq(text, ",") {
		from, to, is := strings.Cut(part, "-")
		if !is {
			to = from
		}
		a, b := slices.Index(weekdays, from), slices.Index(weekdays, to)
		if a < 0 || b < 0 {
			return nil, false
		}
		for d := a; ; d = (d + 1) % 7 {
			if !slices.Contains(days, d) {
				days = append(days, d)
			}
			if d == b {
				break
			}
		}
	}
	return days, len(days) > 0
}

// clockTime reads "08:00" as minutes; 24:00 is the end of a day.
func clockTime(text string) (minutes int, ok bool) {
	hour, minute, found := strings.Cut(text, ":")
	a, errA := strconv.Atoi(hour)
	b, errB := strconv.Atoi(minute)
	if !found || errA != nil || errB != nil || len(minute) != 2 || len(hour) > 2 || a < 0 || b < 0 || b > 59 || a*60+b > 24*60 {
		return 0, false
	}
	return a*60 + b, true
}

// longestRest is how many days ahead Next looks.
const longestRest = 400

// Next is the first instant from t on that is in working hours, by the wall clock of t's zone; t itself when it is. Where
// clocks jump over the beginning, it is the first instant after the jump. Zero when there is none within 400 days.
func (h *Hours) Next(t time.Time) time.Time {
	zone := t.Location()
	year, month, day := t.Date()
	for i := range longestRest {
		noon := time.Date(year, month, day+i, 12, 0, 0, 0, zone)
		if h.rests(noon) {
			continue
		}
		for _, s := range h.week[noon.Weekday()] {
			if now := t.Hour()*60 + t.Minute(); i == 0 && now >= s.from {
				if now < s.to {
					return t
				}
				continue
			}
			if at := onDay(noon, s.from); !at.Before(t) {
				return at
			}
		}
	}
	return time.Time{}
}

func (h *Hours) rests(day time.Time) bool {
	date := day.Format(time.DateOnly)
	return slices.Contains(h.off, date) || slices.Contains(h.off, date[5:])
}

// onDay is the instant at which the wall clock of a day shows so many minutes, or, where it never does, the first after.
func onDay(day time.Time, minutes int) time.Time {
	y, m, d := day.Date()
	at := time.Date(y, m, d, minutes/60, minutes%60, 0, 0, day.Location())
	wall := func(t time.Time) int { return t.Hour()*60 + t.Minute() }
	for at.Day() == d && wall(at) < minutes { // the clock jumps: go on until it is over
		at = at.Add(time.Minute)
	}
	for before := at.Add(-time.Minute); before.Day() == d && wall(before) >= minutes; before = at.Add(-time.Minute) {
		at = before // time.Date has gone beyond the jump
	}
	return at
}
