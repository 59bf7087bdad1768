package calendar

import (
	"strconv"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// Longest is the longest duration that can be stated.
const Longest = 10 * 366 * 24 * time.Hour

var units = []struct {
	name string
	size time.Duration
}{{"ms", time.Millisecond}, {"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}, {"d", 24 * time.Hour}, {"w", 7 * 24 * time.Hour}}

// Duration reads "90s", "10m", "4h", "3d", "2w", "500ms" or several of them, "1h30m". A day is always 24 hours.
// Zero, signs and fractions are refused. The error is Invalid.
func Duration(text string) (time.Duration, error) {
	rest := strings.TrimSpace(text)
	if rest == "" || strings.Trim(rest, "0123456789") == "" {
		return 0, noDuration(text)
	}
	var sum time.Duration
	for rest != "" {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		if digits == 0 || digits > 12 {
			return 0, noDuration(text)
		}
		n := time.Duration(0)
		for _, c := range rest[:digits] {
			n = n*10 + time.Duration(c-'0')
		}
		rest = rest[digits:]
		letters := len(rest) - len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyz"))
		size := unit(rest[:letters])
		if size == 0 {
			return 0, noDuration(text)
		}
		if n > Longest/size || sum+n*size > Longest {
			return 0, engine.E(engine.Invalid, `"{text}" is longer than ten years`, "text", clip(text))
		}
		sum += n * size
		rest = rest[letters:]
	}
	if sum == 0 {
		return 0, noDuration(text)
	}
	return sum, nil
}

func unit(name string) time.Duration {
	for _, u := range units {
		if u.name == name {
			return u.size
		}
	}
	return 0
}

func noDuration(text string) error {
	return engine.E(engine.Invalid, `"{text}" is not a duration`, "text", clip(text)).
		WithHint("Write a number with its unit: 90s, 10m, 4h, 3d or 2w.")
}

// DurationText is a duration as Duration reads it: "90s" is "1m30s".
func DurationText(d time.Duration) string {
	var b strings.Builder
	for i := len(units) - 1; i >= 0; i-- {
		u := units[i]
		if n := d / u.size; n > 0 && (u.name != "w" || d%u.size == 0) {
			b.WriteString(strconv.FormatInt(int64(n), 10) + u.name)
			d -= n * u.size
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}
