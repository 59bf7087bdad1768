//go:build race

package expr

const raced = true // the race detector makes everything many times slower
