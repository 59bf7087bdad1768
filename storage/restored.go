package storage

// Marked is what a restored copy does not simply go on with.
type Marked struct {
	Runs      int // that were open
	Polls     int // triggers whose source may have had something new since that was handled already
	Schedules int // triggers whose times until now are let pass
}
