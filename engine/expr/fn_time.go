package expr

import (
	"strconv"
	"strings"
	"time"
)

const timeText = "2006-01-02T15:04:05.000Z07:00" // RFC 3339 with milliseconds, as all times in JSON

// mailLayouts are the dates of RFC 5322 and RSS, with day and zone as they are met.
var mailLayouts = []string{
	"Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 MST", "Mon, 2 Jan 2006 15:04 -0700",
}

func timeFunctions() []function {
	return []function{
		{Function: doc("format", "format(time, 'date' | 'time' | 'datetime' | 'iso' | layout, zone?)", "A time (milliseconds or RFC 3339 text) in the flow's time zone or another; a layout is the reference time Mon Jan 2 15:04:05 2006 as it should look.", `format("2026-03-01T12:30:00Z", "datetime")`, `"2026-03-01 12:30"`), args: "any string string?", result: "string", call: format},
		{Function: doc("parseTime", "parseTime(text, layout?)", "Milliseconds since 1970 of RFC 3339 text, or of a date or date and time in the flow's time zone; a layout is as for format, 'mail' the way mails and feeds write.", `parseTime("2026-03-01")`, `1772323200000`), args: "any string?", result: "integer", call: parseTime},
		{Function: doc("addTime", "addTime(time, duration)", "The time so much later, as RFC 3339 text: 90s, 5m, 4h, 3d, 2w, or -1d; days and weeks go by the calendar of the flow's time zone.", `addTime("2026-03-01T12:30:00Z", "1d12h")`, `"2026-03-03T00:30:00.000Z"`), args: "any string", result: "string", call: addTime},
	}
}

// time reads milliseconds or text.
func (c *call) time(i int) (time.Time, error) {
	var t time.Time
	switch x := c.args[i].(type) {
	case int:
		t = time.UnixMilli(int64(x))
	case string:
		ok := false
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
			var err error
			if t, err = time.ParseInLocation(layout, strings.TrimSpace(x), c.m.zone); err == nil {
				ok = true
				break
			}
		}
		if !ok {
			return t, c.fail(i, "Write it like 2026-03-01T12:30:00Z or 2026-03-01", "{value} is no time", "value", strconv.Quote(cut(x, 40)))
		}
	default:
		return t, c.wrong(i, "a time")
	}
	return c.sane(i, t.In(c.m.zone))
}

// sane refuses years that RFC 3339 cannot write.
func (c *call) sane(i int, t time.Time) (time.Time, error) {
	if y := t.Year(); y < 1 || y > 9998 {
		return t, c.fail(i, "", "this time is out of range")
	}
	return t, nil
}

func (c *call) layout(i int) (string, error) {
	s, err := c.text(i)
	if err == nil && (len(s) > 100 || s == "") {
		err = c.fail(i, "", "a layout has from 1 to 100 characters")
	}
	return s, err
}

func format(c *call) (any, error) {
	t, err := c.time(0)
	if err != nil {
		return nil, err
	}
	layout, err := c.layout(1)
	if err != nil {
		return nil, err
	}
	if c.has(2) {
		if t, err = c.in(t, 2); err != nil {
			return nil, err
		}
	}
	switch layout {
	case "date":
		layout = "2006-01-02"
	case "time":
		layout = "15:04"
	case "datetime":
		layout = "2006-01-02 15:04"
	case "iso":
		layout, t = timeText, t.UTC()
	}
	return c.made(t.Format(layout))
}

func parseTime(c *call) (any, error) {
	if !c.has(1) {
		t, err := c.time(0)
		return int(t.UnixMilli()), err
	}
	s, err := c.text(0)
	if err != nil {
		return nil, err
	}
	layout, err := c.layout(1)
	if err != nil {
		return nil, err
	}
	t, err := time.ParseInLocation(layout, s, c.m.zone)
	if layout == "mail" {
		for _, l := range mailLayouts {
			if t, err = time.ParseInLocation(l, strings.TrimSpace(s), c.m.zone); err == nil {
				break
			}
		}
	}
	if err != nil {
		return nil, c.fail(0, "", "{value} does not look like {layout}", "value", strconv.Quote(cut(s, 40)), "layout", layout)
	}
	t, err = c.sane(0, t)
	return int(t.UnixMilli()), err
}

func addTime(c *call) (any, error) {
	t, err := c.time(0)
	if err != nil {
		return nil, err
	}
	text, err := c.text(1)
	if err != nil {
		return nil, err
	}
	days, rest, ok := duration(text)
	if !ok {
		return nil, c.fail(1, "Write it like 90s, 5m, 4h, 3d or 2w", "{value} is no duration", "value", strconv.Quote(cut(text, 40)))
	}
	if t, err = c.sane(0, t.AddDate(0, 0, days).Add(rest)); err != nil {
		return nil, err
	}
	return c.made(t.UTC().Format(timeText))
}

// duration reads 1w2d3h4m5s6ms with an optional sign, at most a thousand years of days and a hundred of the rest.
func duration(s string) (days int, rest time.Duration, ok bool) {
	const maxDays, century = 366_000, 36_525 * 24 * time.Hour
	s = strings.TrimSpace(s)
	way := 1
	if strings.HasPrefix(s, "-") {
		way, s = -1, s[1:]
	}
	if s == "" {
		return 0, 0, false
	}
	for s != "" {
		i := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
		if i <= 0 || i > 9 {
			return 0, 0, false
		}
		n, err := strconv.Atoi(s[:i])
		if err != nil {
			return 0, 0, false
		}
		s = s[i:]
		j := strings.IndexFunc(s, func(r rune) bool { return r >= '0' && r <= '9' })
		if j < 0 {
			j = len(s)
		}
		unit := time.Duration(0)
		switch s[:j] {
		case "w":
			days += 7 * n
		case "d":
			days += n
		case "h":
			unit = time.Hour
		case "m":
			unit = time.Minute
		case "s":
			unit = time.Second
		case "ms":
			unit = time.Millisecond
		default:
			return 0, 0, false
		}
		if days > maxDays || unit > 0 && time.Duration(n) > (century-rest)/unit {
			return 0, 0, false
		}
		rest += time.Duration(n) * unit
		s = s[j:]
	}
	return way * days, time.Duration(way) * rest, true
}
