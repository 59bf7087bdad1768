package flow

import (
	"strconv"
	"strings"
)

// Shortened is a duration as flows write it, "3d", of one that somebody wrote in words: "3 days", "1 hour 30 minutes",
// "3 jours". What it does not understand it gives back as it is, so that [Duration] can say what is wrong with it.
func Shortened(text string) string {
	var out strings.Builder
	words := strings.Fields(strings.ToLower(text))
	number := ""
	for _, w := range words {
		switch {
		case w == "and" || w == "et":
			continue
		case number == "":
			if _, err := strconv.ParseUint(w, 10, 32); err != nil {
				return text
			}
			number = w
		default:
			unit := spoken(w)
			if unit == "" {
				return text
			}
			out.WriteString(number + unit)
			number = ""
		}
	}
	if number != "" || out.Len() == 0 {
		return text
	}
	return out.String()
}

// spoken is the unit that a word means; "" for none.
func spoken(word string) string {
	switch strings.TrimSuffix(word, ".") {
	case "s", "sec", "secs", "second", "seconds", "seconde", "secondes":
		return "s"
	case "m", "min", "mins", "minute", "minutes":
		return "m"
	case "h", "hr", "hrs", "hour", "hours", "heure", "heures":
		return "h"
	case "d", "day", "days", "j", "jour", "jours":
		return "d"
	case "w", "week", "weeks", "semaine", "semaines":
		return "w"
	}
	return ""
}
