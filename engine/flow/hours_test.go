package flow_test

import (
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine/flow"
)

func TestHours(t *testing.T) {
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	const week = "Mon-Thu 08:00-12:00,13:00-17:00; Fri 08:00-12:00"
	for _, c := range []struct{ hours, at, want string }{
		{week, "2026-03-02 07:59", "2026-03-02 08:00"},
		{week, "2026-03-02 08:00", "2026-03-02 08:00"},
		{week, "2026-03-02 12:00", "2026-03-02 13:00"},
		{week, "2026-03-02 16:59", "2026-03-02 16:59"},
		{week, "2026-03-06 12:30", "2026-03-09 08:00"}, // Friday afternoon
		{week, "2026-03-07 10:00", "2026-03-09 08:00"}, // Saturday
		{week, "2026-12-24 17:00", "2026-12-28 08:00"}, // a holiday on a Friday
		{week, "2026-12-31 17:00", "2027-01-04 08:00"}, // one of each year
		{"Sat-Sun 10:00-24:00", "2026-03-08 23:59", "2026-03-08 23:59"},
		{"Sat-Mon 00:00-24:00", "2026-03-10 00:00", "2026-03-14 00:00"},
		{"Sun,Wed 09:00-10:00", "2026-03-08 10:00", "2026-03-11 09:00"},
		{"daily 02:30-05:00", "2026-03-28 12:00", "2026-03-29 03:00"}, // there is no 02:30 that day: the first instant after the jump
		{"daily 02:30-05:00", "2026-10-24 12:00", "2026-10-25 02:30"}, // there are two: the first
	} {
		h, err := flow.ParseHours(c.hours, []string{"2026-12-25", "01-01"})
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.ParseInLocation("2006-01-02 15:04", c.at, zurich)
		if err != nil {
			t.Fatal(err)
		}
		got := h.Next(at)
		if got.Format("2006-01-02 15:04") != c.want {
			t.Errorf("%s from %s: %s, want %s", c.hours, c.at, got, c.want)
		}
		if got.Before(at) {
			t.Errorf("%s from %s: %s is before it", c.hours, c.at, got)
		}
	}
	never, err := flow.ParseHours("Mon 08:00-09:00", nil)
	if err != nil || never.Next(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)).IsZero() {
		t.Error("a week later is some time", err)
	}
	for _, bad := range []string{"", "Mon", "Mon 8-9", "Mon 25:00-26:00", "Mon 09:00-09:00", "Funday 08:00-09:00", "Mon 08:00-09:00;"} {
		if _, err := flow.ParseHours(bad, nil); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestReadInput(t *testing.T) {
	s, err := flow.InputSchema(map[string]any{
		"email": map[string]any{"type": "email", "required": true}, "n": map[string]any{"type": "integer", "default": 3},
		"any": "any", "list": "array", "size": map[string]any{"options": []any{"s", "m"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := flow.ReadInput(s, map[string]any{"email": "ada@example.org", "any": []any{1}, "list": []any{map[string]any{"a": 1}}})
	if err != nil || got["n"] != 3 || got["size"] != nil || len(got) != 5 {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []map[string]any{
		{}, {"email": "ada"}, {"email": "ada@example.org", "n": "x"}, {"email": "ada@example.org", "list": "x"},
		{"email": "ada@example.org", "size": "xl"}, {"email": "ada@example.org", "other": 1},
	} {
		if _, err := flow.ReadInput(s, bad); err == nil {
			t.Errorf("%v is taken", bad)
		}
	}
	for _, bad := range []any{"x", map[string]any{"a": map[string]any{"type": "float"}}, map[string]any{"1a": "text"}} {
		if _, err := flow.InputSchema(bad); err == nil {
			t.Errorf("%v is taken", bad)
		}
	}
}
