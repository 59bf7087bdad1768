package storage

// MostMatches bounds what Matches lists at once: the rest is found when these are taken.
const MostMatches = 1000
