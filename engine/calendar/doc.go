// Package calendar reads times that people write, and knows when they come.
//
//	cron: "0 9 * * 1-5" ─────────────────────┐
//	at: "every weekday at 9:00" ──words──▶ cron ─▶ wall-clock times ─▶ instants of a time zone
//	every: 5m ──Duration────────────────────────▶ multiples of the interval since 1970
//
// Why our own walk over the clock, when robfig/cron reads the expression: the library skips a local time that does
// not exist and runs one that comes twice twice (CONTRACTS, "Schedules"). Here the expression is walked in wall-clock
// time, where every day has 24 hours, and each wall-clock time then becomes one instant: the first of two, or the
// next that exists. Everything is pure: whoever asks says what time it is.
//
// Why it is no part of a connector: the trigger schedule.tick and the step digest mean the same by the same words.
package calendar
