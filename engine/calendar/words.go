package calendar

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// Plan is what plain words mean: an interval, or cron expressions of which each tick is one.
type Plan struct {
	Every time.Duration
	Crons []string
}

const (
	allDays  = "0,1,2,3,4,5,6"
	weekdays = "1,2,3,4,5"
	weekend  = "0,6"
)

// dayNames and filler are English and French together, small and without accents; plurals are folded before.
func dayNames() map[string]string {
	return map[string]string{
		"sunday": "0", "monday": "1", "tuesday": "2", "wednesday": "3", "thursday": "4", "friday": "5", "saturday": "6",
		"sun": "0", "mon": "1", "tue": "2", "wed": "3", "thu": "4", "fri": "5", "sat": "6",
		"dimanche": "0", "lundi": "1", "mardi": "2", "mercredi": "3", "jeudi": "4", "vendredi": "5", "samedi": "6",
		"day": allDays, "daily": allDays, "jour": allDays, "quotidien": allDays,
		"weekday": weekdays, "workday": weekdays, "ouvrable": weekdays, "ouvre": weekdays, "semaine": weekdays,
		"weekend": weekend, "week-end": weekend,
	}
}

func filler() []string {
	return []string{"every", "each", "on", "at", "the", "and", "of", "in", "o'clock", "oclock",
		"chaque", "tous", "toutes", "tou", "toute", "le", "la", "les", "a", "et", "de", "du", "des", "en", "au"}
}

var timeUnits = map[string]time.Duration{
	"second": time.Second, "seconde": time.Second, "sec": time.Second, "s": time.Second,
	"minute": time.Minute, "min": time.Minute, "hour": time.Hour, "heure": time.Hour, "hourly": time.Hour,
	"m": time.Minute, "h": time.Hour,
}

// Words reads a schedule in plain English or French: "every weekday at 9:00", "mondays and thursdays at 17:30", "on the
// 1st of each month at 6am", "every 15 minutes", "tous les jours ouvrés à 9h", "le 15 du mois à midi". The error,
// Invalid, names the word that is not understood.
func Words(text string) (Plan, *engine.Error) {
	r := &reader{words: tokens(text)}
	for r.i < len(r.words) {
		if err := r.word(); err != nil {
			return Plan{}, err
		}
	}
	return r.plan(text)
}

// tokens are the words of a text, small, without accents and plural s.
func tokens(text string) []string {
	text = strings.NewReplacer("é", "e", "è", "e", "ê", "e", "à", "a", "û", "u", "’", "'", ",", " ", ";", " ", "l'", "").Replace(strings.ToLower(text))
	text = strings.NewReplacer("monday-friday", "monday to friday", "mon-fri", "mon to fri", "lundi-vendredi", "lundi au vendredi").Replace(text)
	var out []string
	for _, w := range strings.Fields(text) {
		w = strings.TrimSuffix(w, ".")
		if len(w) > 3 && strings.HasSuffix(w, "s") {
			w = strings.TrimSuffix(w, "s")
		}
		if w != "" {
			out = append(out, w)
		}
	}
	return out
}

type reader struct {
	words []string
	i     int

	days   []string // of the week, "0".."6"
	dates  []string // of the month
	times  [][2]int // hour, minute
	every  time.Duration
	month  bool // "month" was said
	ranged bool // "monday to …" waits for its end
}

func (r *reader) peek(n int) string {
	if r.i+n < len(r.words) {
		return r.words[r.i+n]
	}
	return ""
}

func (r *reader) word() *engine.Error {
	w := r.words[r.i]
	switch {
	case w == "to" || w == "au" || w == "until" || w == "through":
		r.ranged = len(r.days) > 0 && len(r.times) == 0
	case w == "month" || w == "monthly" || w == "moi" || w == "mois" || w == "mensuel":
		r.month = true
	case w == "week" || w == "weekly": // "every week on monday"
		if len(r.days) == 0 && !r.dayAhead() {
			r.days = append(r.days, "1")
		}
	case w == "noon" || w == "midday" || w == "midi":
		r.times = append(r.times, [2]int{12, 0})
	case w == "midnight" || w == "minuit":
		r.times = append(r.times, [2]int{0, 0})
	case w == "jour" && (r.peek(1) == "ouvrable" || r.peek(1) == "ouvre"):
		// the next word says which days
	case w == "work" && r.peek(1) == "day", w == "week" && r.peek(1) == "end":
		r.words[r.i+1] = w + "day"
	case dayNames()[w] != "":
		r.day(dayNames()[w])
	case timeUnits[w] > 0 && r.every == 0 && len(r.times) == 0:
		r.every = timeUnits[w]
	case slices.Contains(filler(), w):
	case r.number(w):
	default:
		return engine.E(engine.Invalid, `I do not understand "{word}" in this schedule`, "word", clip(w)).
			WithHint(`Write it like "every weekday at 9:00", "mondays at 17:30", "on the 1st of each month at 6:00" or "every 15 minutes".`)
	}
	r.i++
	return nil
}

// dayAhead reports whether a day of the week is still to come.
func (r *reader) dayAhead() bool {
	for _, w := range r.words[r.i+1:] {
		if dayNames()[w] != "" {
			return true
		}
	}
	return false
}

func (r *reader) day(list string) {
	if r.ranged && len(list) == 1 {
		r.ranged = false
		from, to := r.days[len(r.days)-1][0], list[0]
		for d := from; d != to; {
			if d++; d > '6' {
				d = '0'
			}
			r.days = append(r.days, string(d))
		}
		return
	}
	r.days = append(r.days, strings.Split(list, ",")...)
}

// number reads a word that begins with a digit: a time, a day of the month, or how many units. What follows it decides.
func (r *reader) number(w string) bool {
	digits := len(w) - len(strings.TrimLeft(w, "0123456789"))
	if digits == 0 || digits > 3 {
		return false
	}
	n, _ := strconv.Atoi(w[:digits])
	rest, ahead := w[digits:], r.peek(1)
	switch {
	case rest == "" && timeUnits[ahead] > 0 && ahead != "h" && !r.timeSaid():
		if r.every > 0 || n == 0 {
			return false
		}
		r.every = time.Duration(n) * timeUnits[ahead]
		r.i++
		return true
	case rest == "st" || rest == "nd" || rest == "rd" || rest == "th" || rest == "er" || rest == "e" || rest == "" && (ahead == "du" || ahead == "de") && r.monthAhead():
		if n < 1 || n > 31 {
			return false
		}
		r.dates = append(r.dates, strconv.Itoa(n))
		return true
	case (rest == "m" || rest == "min" || rest == "s") && r.every == 0 && len(r.times) == 0:
		r.every = time.Duration(n) * timeUnits[rest]
		return n > 0
	case rest == "h" && r.i > 0 && r.words[r.i-1] == "every" && r.every == 0:
		r.every = time.Duration(n) * time.Hour
		return n > 0
	}
	return r.time(n, rest, ahead)
}

// timeSaid reports whether the number is announced as a time: "at 9 hours".
func (r *reader) timeSaid() bool {
	return r.i > 0 && (r.words[r.i-1] == "at" || r.words[r.i-1] == "a")
}

func (r *reader) monthAhead() bool {
	for _, w := range r.words[r.i+1:] {
		if w == "month" || w == "moi" || w == "mois" {
			return true
		}
	}
	return false
}

// time reads "9", "9:00", "9h", "9h30", "9am", "9:30pm", "9 am", "9 heures".
func (r *reader) time(hour int, rest, ahead string) bool {
	minute := 0
	if rest != "" && (rest[0] == ':' || rest[0] == 'h' || rest[0] == '.') {
		rest = rest[1:]
		if d := len(rest) - len(strings.TrimLeft(rest, "0123456789")); d == 2 {
			minute, _ = strconv.Atoi(rest[:2])
			rest = rest[2:]
		} else if d != 0 || rest == "" && strings.HasSuffix(r.words[r.i], ":") {
			return false
		}
	}
	if rest == "" && (ahead == "am" || ahead == "pm" || ahead == "heure" || ahead == "h" || ahead == "hour") {
		rest = ahead
		r.i++
	}
	switch rest {
	case "", "heure", "h", "hour":
	case "am", "pm":
		if hour < 1 || hour > 12 {
			return false
		}
		if hour %= 12; rest == "pm" {
			hour += 12
		}
	default:
		return false
	}
	if hour > 23 || minute > 59 {
		return false
	}
	r.times = append(r.times, [2]int{hour, minute})
	return true
}

// plan puts together what was read.
func (r *reader) plan(text string) (Plan, *engine.Error) {
	vague := func(hint string) (Plan, *engine.Error) {
		return Plan{}, engine.E(engine.Invalid, `"{text}" does not say enough`, "text", clip(text)).WithHint(hint)
	}
	switch {
	case r.every > 0 && len(r.days)+len(r.dates)+len(r.times) > 0 || r.ranged:
		return vague("An interval has no days and times: write it as cron.")
	case r.every > 0:
		if r.every < Shortest {
			return Plan{}, engine.E(engine.Invalid, "The shortest interval is {shortest}", "shortest", Shortest.String())
		}
		return Plan{Every: r.every}, nil
	case len(r.times) == 0:
		return vague(`Say at what time, as in "every day at 9:00".`)
	case len(r.days) > 0 && len(r.dates) > 0 && !slices.Equal(r.days, strings.Split(allDays, ",")):
		return vague("Say either days of the week or days of the month.")
	case r.month && len(r.dates) == 0:
		return vague(`Say on which day of the month, as in "on the 1st of each month at 6:00".`)
	}
	dom, dow := "*", "*"
	if len(r.dates) > 0 {
		dom = strings.Join(r.dates, ",")
	} else if len(r.days) > 0 {
		slices.Sort(r.days)
		if days := slices.Compact(r.days); len(days) < 7 {
			dow = strings.Join(days, ",")
		}
	}
	var p Plan
	for _, t := range r.times {
		p.Crons = append(p.Crons, strconv.Itoa(t[1])+" "+strconv.Itoa(t[0])+" "+dom+" * "+dow)
	}
	slices.Sort(p.Crons)
	p.Crons = slices.Compact(p.Crons)
	return p, nil
}
