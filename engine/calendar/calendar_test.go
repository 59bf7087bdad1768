package calendar_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine/calendar"
)

func parse(t *testing.T, zone string, with ...string) *calendar.Schedule {
	t.Helper()
	m := map[string]any{}
	for i := 0; i+1 < len(with); i += 2 {
		m[with[i]] = with[i+1]
	}
	s, errs := calendar.Parse(m, zone)
	if errs != nil {
		t.Fatalf("%v: %v", with, errs)
	}
	return s
}

// Plain words and what they mean: an interval, or cron expressions.
func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"every weekday at 9:00":                    "0 9 * * 1,2,3,4,5",
		"Every Day at 9":                           "0 9 * * *",
		"daily at 7:30am":                          "30 7 * * *",
		"every monday at 5pm":                      "0 17 * * 1",
		"mondays and thursdays at 17:30":           "30 17 * * 1,4",
		"on Mondays, Wednesdays and Fridays at 8":  "0 8 * * 1,3,5",
		"monday to friday at 9:00":                 "0 9 * * 1,2,3,4,5",
		"Friday to Monday at noon":                 "0 12 * * 0,1,5,6",
		"mon-fri at 8:15":                          "15 8 * * 1,2,3,4,5",
		"every weekend at 10 am":                   "0 10 * * 0,6",
		"every day at 9:00 and 14:30":              "0 9 * * *;30 14 * * *",
		"at midnight":                              "0 0 * * *",
		"at 12am":                                  "0 0 * * *",
		"at 12pm":                                  "0 12 * * *",
		"on the 1st of each month at 6:00":         "0 6 1 * *",
		"every month on the 15th at 18:00":         "0 18 15 * *",
		"on the 1st and 15th of the month at noon": "0 12 1,15 * *",
		"every week on tuesday at 9":               "0 9 * * 2",
		"weekly at 9":                              "0 9 * * 1",
		"every 15 minutes":                         "15m0s",
		"every 5m":                                 "5m0s",
		"every minute":                             "1m0s",
		"every hour":                               "1h0m0s",
		"hourly":                                   "1h0m0s",
		"every 2 hours":                            "2h0m0s",
		"every 6h":                                 "6h0m0s",
		"every 30 seconds":                         "30s",
		"tous les jours à 9h":                      "0 9 * * *",
		"Chaque jour à 9h30":                       "30 9 * * *",
		"tous les jours ouvrés à 9h":               "0 9 * * 1,2,3,4,5",
		"chaque jour ouvrable à 8:00":              "0 8 * * 1,2,3,4,5",
		"en semaine à 9h":                          "0 9 * * 1,2,3,4,5",
		"le week-end à 10h":                        "0 10 * * 0,6",
		"chaque lundi à 8h":                        "0 8 * * 1",
		"les lundis et jeudis à 17h30":             "30 17 * * 1,4",
		"du lundi au vendredi à 9 heures":          "0 9 * * 1,2,3,4,5",
		"le 1er de chaque mois à 6h":               "0 6 1 * *",
		"le 15 du mois à midi":                     "0 12 15 * *",
		"tous les jours à minuit":                  "0 0 * * *",
		"toutes les 15 minutes":                    "15m0s",
		"toutes les heures":                        "1h0m0s",
		"toutes les 2 heures":                      "2h0m0s",
		"chaque minute":                            "1m0s",
	} {
		p, err := calendar.Words(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := strings.Join(p.Crons, ";")
		if p.Every > 0 {
			got = p.Every.String()
		}
		if got != want {
			t.Errorf("%s: %q, wanted %q", text, got, want)
		}
	}
	for text, word := range map[string]string{
		"every fullmoon at 9": `"fullmoon"`, "": "does not say enough", "every day": "at what time", "every day at 25:00": `"25:00"`,
		"monday at": "at what time", "every 15 minutes on monday": "An interval has no days", "every month at 9": "which day of the month",
		"every monday on the 3rd at 9": "either days", "every 1 second": "shortest", "at 13pm": `"13pm"`, "on the 32nd of the month at 9": `"32nd"`,
		"at 9:": `"9:"`, "every 0 minutes": `"0"`, "chaque pleine lune à 9h": `"pleine"`,
	} {
		if p, err := calendar.Words(text); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %+v %v, wanted %s", text, p, err, word)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, x := range []struct{ field, value, at, words string }{
		{"cron", "TZ=UTC 0 9 * * *", "cron", "does not belong"},
		{"cron", "CRON_TZ=Asia/Tokyo 0 9 * * *", "cron", "does not belong"},
		{"cron", "TZ=", "cron", "does not belong"},
		{"cron", "0 9 * *", "cron", "wanted five"},
		{"cron", "0 0 9 * * *", "cron", "wanted five"},
		{"cron", "61 9 * * *", "cron", "is not a cron expression"},
		{"cron", "0 0 30 2 *", "cron", "never comes"},
		{"cron", "@reboot", "cron", "is not a cron expression"},
		{"cron", "@every 1s", "cron", "shortest"},
		{"cron", strings.Repeat("0,", 200), "cron", "longer than"},
		{"every", "5", "every", "is not a duration"},
		{"every", "1s", "every", "shortest"},
		{"timezone", "Mars/Olympus", "timezone", "is not a time zone"},
		{"timezone", "Local", "timezone", "is not a time zone"},
		{"", "", "at", "does not say when"},
	} {
		_, errs := calendar.Parse(map[string]any{x.field: x.value}, "")
		if errs[x.at] == nil || !strings.Contains(errs[x.at].Error(), x.words) {
			t.Errorf("%s %q: %v, wanted %s", x.field, x.value, errs, x.words)
		}
	}
	if _, errs := calendar.Parse(map[string]any{"every": "5m", "cron": "@daily"}, ""); errs["every"] == nil {
		t.Errorf("two schedules: %v", errs)
	}
}

// Days on which clocks change, hour by hour.
func TestOddHours(t *testing.T) {
	for _, x := range []struct{ zone, cron, after, want string }{
		// Zurich: 2026-03-29 02:00 → 03:00, 2026-10-25 03:00 → 02:00.
		{"Europe/Zurich", "30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z 2026-03-30T00:30:00Z"},
		{"Europe/Zurich", "*/20 2 * * *", "2026-03-29T00:50:00Z", "2026-03-29T01:00:00Z 2026-03-30T00:00:00Z"},
		{"Europe/Zurich", "30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z"},
		{"Europe/Zurich", "0 * * * *", "2026-10-24T23:30:00Z", "2026-10-25T00:00:00Z 2026-10-25T02:00:00Z 2026-10-25T03:00:00Z"},
		{"America/New_York", "30 2 * * *", "2026-03-07T12:00:00Z", "2026-03-08T07:00:00Z 2026-03-09T06:30:00Z"},
		{"America/New_York", "30 1 * * *", "2026-10-31T12:00:00Z", "2026-11-01T05:30:00Z 2026-11-02T06:30:00Z"},
		// Lord Howe moves by half an hour: 2026-10-04 02:00 → 02:30, 2026-04-05 02:00 → 01:30.
		{"Australia/Lord_Howe", "15 2 * * *", "2026-10-03T12:00:00Z", "2026-10-03T15:30:00Z 2026-10-04T15:15:00Z"},
		{"Australia/Lord_Howe", "45 1 * * *", "2026-04-04T12:00:00Z", "2026-04-04T14:45:00Z 2026-04-05T15:15:00Z"},
		// Apia had no 30 December 2011.
		{"Pacific/Apia", "0 9 * * *", "2011-12-29T19:30:00Z", "2011-12-30T10:00:00Z 2011-12-30T19:00:00Z"},
		{"UTC", "0 9 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T09:00:00Z"},
	} {
		s := parse(t, x.zone, "cron", x.cron)
		at, err := time.Parse(time.RFC3339, x.after)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range strings.Fields(x.want) {
			if at = s.Next(at); at.Format(time.RFC3339) != want {
				t.Errorf("%s %q after %s: %s, wanted %s", x.zone, x.cron, x.after, at.Format(time.RFC3339), want)
				break
			}
		}
	}
}

// Whatever the zone and expression: ticks rise, each day's wall-clock time ticks exactly once, and the way there does
// not matter.
func TestOncePerDay(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, zone := range []string{"Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Asia/Kolkata"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		for range 12 {
			hour, minute := r.IntN(24), r.IntN(60)
			s := parse(t, zone, "cron", itoa(minute)+" "+itoa(hour)+" * * *")
			year := 2010 + r.IntN(18)
			begin := time.Date(year, 1, 1, hour, minute, 0, 0, loc)
			at, days := begin.Add(-time.Minute), 0
			for {
				next := s.Next(at)
				if !next.After(at) {
					t.Fatalf("%s %d:%d: after %s comes %s", zone, hour, minute, at, next)
				}
				if mid := at.Add(next.Sub(at) / 2); !s.Next(mid).Equal(next) {
					t.Fatalf("%s %d:%d: from %s it is %s, from %s %s", zone, hour, minute, at, next, mid, s.Next(mid))
				}
				if at = next; at.In(loc).Year() > year {
					break
				}
				days++
			}
			want := 365
			if year%4 == 0 {
				want++
			}
			if days != want { // Apia's day that was not still ticks, at once when the next began
				t.Errorf("%s %02d:%02d in %d: %d ticks", zone, hour, minute, year, days)
			}
		}
	}
}

func TestBetween(t *testing.T) {
	s := parse(t, "", "every", "1m")
	end := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := s.Between(end.AddDate(-10, 0, 0), end, 100); len(got) != 100 || !got[99].Equal(end) || !got[0].Equal(end.Add(-99*time.Minute)) {
		t.Errorf("%d ticks", len(got))
	}
	if got := s.Between(end, end.Add(-time.Hour), 100); got != nil {
		t.Errorf("backwards: %v", got)
	}
	d := parse(t, "Europe/Zurich", "at", "mondays at 9")
	if got := d.Between(end.AddDate(0, 0, -30), end, 100); len(got) != 4 {
		t.Errorf("%v", got)
	}
	if got := parse(t, "", "every", "7d").Next(time.UnixMilli(-1)); got.UnixMilli() != 0 {
		t.Errorf("before 1970: %v", got)
	}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return string(rune('0'+n/10)) + string(rune('0'+n%10))
}

// FuzzParse reads anything: it is a schedule that goes on, or is refused in words.
func FuzzParse(f *testing.F) {
	f.Add("0 9 * * 1-5", "every weekday at 9:00", "5m")
	f.Add("TZ=UTC", "tous les 3 lundis à 9h99", "@every")
	f.Add("*/0 * * * *", "every 999 hours", "")
	f.Fuzz(func(t *testing.T, cron, at, every string) {
		for field, v := range map[string]string{"cron": cron, "at": at, "every": every} {
			s, errs := calendar.Parse(map[string]any{field: v}, "Europe/Zurich")
			if errs != nil {
				for _, e := range errs {
					if e.Msg == "" {
						t.Fatalf("%q: %+v", v, e)
					}
				}
				continue
			}
			now := time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)
			if n := s.Next(now); !n.IsZero() && !n.After(now) {
				t.Fatalf("%s %q: %s", field, v, n)
			}
		}
	})
}
