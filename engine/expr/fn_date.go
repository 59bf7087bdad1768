package expr

import (
	"math"
	"strconv"
	"time"
)

// dateFunctions reckon with the calendar of the flow's time zone, or of one that is named.
func dateFunctions() []function {
	return []function{
		{Function: doc("diffTime", "diffTime(from, to, unit)", "How many whole seconds, minutes, hours, days or weeks there are from one time to another, negative backwards; days go by the calendar.", `diffTime("2026-03-01", "2026-03-15T12:00:00Z", "days")`, `14`), args: "any any string", result: "integer", call: diffTime},
		{Function: doc("startOf", "startOf(time, unit)", "The beginning of the time's hour, day, week (Monday), month, quarter or year, as RFC 3339 text.", `startOf("2026-03-18T12:30:00Z", "week")`, `"2026-03-16T00:00:00.000Z"`), args: "any string", result: "string", call: startOf},
		{Function: doc("endOf", "endOf(time, unit)", "The last millisecond of the time's hour, day, week, month, quarter or year, as RFC 3339 text.", `endOf("2026-02-18", "month")`, `"2026-02-28T23:59:59.999Z"`), args: "any string", result: "string", call: endOf},
		{Function: doc("weekday", "weekday(time)", "The day of the week: 1 is Monday, 7 Sunday.", `weekday("2026-03-01")`, `7`), args: "any", result: "integer", call: func(c *call) (any, error) {
			t, err := c.time(0)
			return (int(t.Weekday())+6)%7 + 1, err
		}},
		{Function: doc("datePart", "datePart(time, part)", "A part of a time as a number: year, month, day, hour, minute, second, week (ISO) or yearday.", `datePart("2026-03-01T12:30:00Z", "month")`, `3`), args: "any string", result: "integer", call: datePart},
		{Function: doc("addMonths", "addMonths(time, months)", "The time so many months later, as RFC 3339 text; the last day of a month where the day does not exist.", `addMonths("2026-01-31", 1)`, `"2026-02-28T00:00:00.000Z"`), args: "any integer", result: "string", call: addMonths},
		{Function: doc("addWorkdays", "addWorkdays(time, days)", "The time so many days later, Saturdays and Sundays not counted, as RFC 3339 text.", `addWorkdays("2026-03-06T09:00:00Z", 2)`, `"2026-03-10T09:00:00.000Z"`), args: "any integer", result: "string", call: addWorkdays},
		{Function: doc("inZone", "inZone(time, zone)", "The time as RFC 3339 text with the clock of another time zone.", `inZone("2026-03-01T12:30:00Z", "Asia/Tokyo")`, `"2026-03-01T21:30:00.000+09:00"`), args: "any string", result: "string", call: func(c *call) (any, error) {
			t, err := c.time(0)
			if err != nil {
				return nil, err
			}
			if t, err = c.in(t, 1); err != nil {
				return nil, err
			}
			return c.made(t.Format(timeText))
		}},
	}
}

// in is the time by the clock of the zone that argument i names.
func (c *call) in(t time.Time, i int) (time.Time, error) {
	name, err := c.text(i)
	if err != nil {
		return t, err
	}
	if name == "Local" || name == "" || len(name) > 60 {
		return t, c.noZone(i, name)
	}
	if err := c.m.spend(c.n, 400); err != nil { // it is read anew each time
		return t, err
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return t, c.noZone(i, name)
	}
	return t.In(zone), nil
}

func (c *call) noZone(i int, name string) error {
	return c.fail(i, "Write its IANA name, like Europe/Zurich or UTC", "{value} is not a time zone", "value", strconv.Quote(cut(name, 40)))
}

// unit is the text of argument i among some words, in the singular.
func (c *call) unit(i int, known ...string) (string, error) {
	s, err := c.text(i)
	if err != nil {
		return "", err
	}
	list := ""
	for k, u := range known {
		if s == u || s == u+"s" {
			return u, nil
		}
		if k > 0 {
			list += ", "
		}
		list += u
	}
	return "", c.fail(i, "Possible: {units}", "{value} is not possible here", "value", strconv.Quote(cut(s, 40)), "units", list)
}

func diffTime(c *call) (any, error) {
	from, err := c.time(0)
	if err != nil {
		return nil, err
	}
	to, err := c.time(1)
	if err != nil {
		return nil, err
	}
	unit, err := c.unit(2, "second", "minute", "hour", "day", "week")
	if err != nil {
		return nil, err
	}
	ms := to.UnixMilli() - from.UnixMilli()
	switch unit {
	case "second":
		return int(ms / 1000), nil
	case "minute":
		return int(ms / 60_000), nil
	case "hour":
		return int(ms / 3_600_000), nil
	}
	days := int(math.Trunc(float64(ms) / 86_400_000))
	for from.AddDate(0, 0, days+1).Compare(to) <= 0 && ms >= 0 { // a day of 23 hours is one, too
		days++
	}
	for ms >= 0 && from.AddDate(0, 0, days).After(to) {
		days--
	}
	for from.AddDate(0, 0, days-1).Compare(to) >= 0 && ms < 0 {
		days--
	}
	for ms < 0 && from.AddDate(0, 0, days).Before(to) {
		days++
	}
	if unit == "week" {
		return days / 7, nil
	}
	return days, nil
}

// begin is the beginning of the unit that t is in, and of the next one.
func begin(t time.Time, unit string) (from, next time.Time) {
	y, m, d := t.Date()
	day := func(y int, m time.Month, d int) time.Time { return midnight(y, m, d, t.Location()) }
	switch unit {
	case "hour":
		past := time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
		return t.Add(-past), t.Add(time.Hour - past)
	case "week":
		d -= (int(t.Weekday()) + 6) % 7
		return day(y, m, d), day(y, m, d+7)
	case "month":
		return day(y, m, 1), day(y, m+1, 1)
	case "quarter":
		m -= (m - 1) % 3
		return day(y, m, 1), day(y, m+3, 1)
	case "year":
		return day(y, 1, 1), day(y+1, 1, 1)
	}
	return day(y, m, d), day(y, m, d+1)
}

// midnight is the first moment of a day. Some zones jump over 0:00, and time.Date then gives an hour of the day before.
func midnight(y int, m time.Month, d int, zone *time.Location) time.Time {
	t := time.Date(y, m, d, 0, 0, 0, 0, zone)
	if t.Hour() != 0 {
		if _, jump := t.ZoneBounds(); !jump.IsZero() && jump.Sub(t) <= 2*time.Hour {
			return jump.In(zone)
		}
	}
	return t
}

func (c *call) bounds() (from, next time.Time, err error) {
	t, err := c.time(0)
	if err != nil {
		return from, next, err
	}
	unit, err := c.unit(1, "hour", "day", "week", "month", "quarter", "year")
	if err != nil {
		return from, next, err
	}
	from, next = begin(t, unit)
	if from, err = c.sane(0, from); err != nil {
		return from, next, err
	}
	next, err = c.sane(0, next)
	return from, next, err
}

func startOf(c *call) (any, error) {
	from, _, err := c.bounds()
	if err != nil {
		return nil, err
	}
	return c.made(from.UTC().Format(timeText))
}

func endOf(c *call) (any, error) {
	_, next, err := c.bounds()
	if err != nil {
		return nil, err
	}
	return c.made(next.Add(-time.Millisecond).UTC().Format(timeText))
}

func datePart(c *call) (any, error) {
	t, err := c.time(0)
	if err != nil {
		return nil, err
	}
	part, err := c.unit(1, "year", "month", "day", "hour", "minute", "second", "week", "yearday")
	if err != nil {
		return nil, err
	}
	switch part {
	case "year":
		return t.Year(), nil
	case "month":
		return int(t.Month()), nil
	case "day":
		return t.Day(), nil
	case "hour":
		return t.Hour(), nil
	case "minute":
		return t.Minute(), nil
	case "second":
		return t.Second(), nil
	case "week":
		_, w := t.ISOWeek()
		return w, nil
	}
	return t.YearDay(), nil
}

// maxShift bounds months and workdays, so that counting them is short.
const maxShift = 12_000

func (c *call) shift() (time.Time, int, error) {
	t, err := c.time(0)
	if err != nil {
		return t, 0, err
	}
	n, err := c.whole(1)
	if err != nil {
		return t, 0, err
	}
	if n < -maxShift || n > maxShift {
		return t, 0, c.fail(1, "", "at most {most} are possible here", "most", maxShift)
	}
	return t, n, nil
}

func addMonths(c *call) (any, error) {
	t, n, err := c.shift()
	if err != nil {
		return nil, err
	}
	out := t.AddDate(0, n, 0)
	if out.Day() != t.Day() { // the month has no such day: AddDate went over its end
		out = out.AddDate(0, 0, -out.Day())
	}
	if out, err = c.sane(0, out); err != nil {
		return nil, err
	}
	return c.made(out.UTC().Format(timeText))
}

func addWorkdays(c *call) (any, error) {
	t, n, err := c.shift()
	if err != nil {
		return nil, err
	}
	way := 1
	if n < 0 {
		way, n = -1, -n
	}
	if err := c.m.step(c.n, n); err != nil {
		return nil, err
	}
	for days := 0; n > 0; {
		days += way
		if d := t.AddDate(0, 0, days).Weekday(); d != time.Saturday && d != time.Sunday {
			if n--; n == 0 {
				t = t.AddDate(0, 0, days)
			}
		}
	}
	if t, err = c.sane(0, t); err != nil {
		return nil, err
	}
	return c.made(t.UTC().Format(timeText))
}
