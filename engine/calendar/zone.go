package calendar

import "time"

// wall is an instant's local time, as if it were UTC: a clock on which every day has 24 hours.
func wall(t time.Time, zone *time.Location) time.Time {
	_, offset := t.In(zone).Zone()
	return t.Add(time.Duration(offset) * time.Second).UTC()
}

// around is further from an instant than any local time of it can be (RFC 9557 zones are from -12 to +14 hours).
const around = 26 * time.Hour

// instant is when a wall-clock time is in a zone: the first time that it is, or, where clocks jump over it, the moment
// they have jumped.
func instant(w time.Time, zone *time.Location) time.Time {
	var first, before time.Time
	for _, look := range []time.Duration{-around, 0, around} {
		_, offset := w.Add(look).In(zone).Zone()
		t := w.Add(-time.Duration(offset) * time.Second)
		if look == -around {
			before = t
		}
		if wall(t, zone).Equal(w) && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	if !first.IsZero() {
		return first.UTC()
	}
	jumped, _ := before.In(zone).ZoneBounds()
	return jumped.UTC()
}
