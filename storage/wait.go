package storage

// MostMatches bounds what Matches lists at once: the rest is found when these are taken.
const MostMatches = 1000

// MostCalls bounds the runs that Calls lists for one run.
const MostCalls = 1000
