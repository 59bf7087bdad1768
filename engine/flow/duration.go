package flow

import (
	"time"

	"github.com/bretelle/bretelle/engine/calendar"
)

// Longest is the longest duration a flow may state.
const Longest = calendar.Longest

// Duration reads "90s", "10m", "4h", "3d", "2w", "500ms" or several of them, "1h30m"; see calendar.Duration.
func Duration(text string) (time.Duration, error) { return calendar.Duration(text) }

// DurationText is a duration as flows write it: "90s" is "1m30s".
func DurationText(d time.Duration) string { return calendar.DurationText(d) }
