// Package cmd holds what ships and what keeps the house in order: bretelle is the binary, and the tests beside this
// file enforce the rules that no compiler does (who may import whom, how long a file may be).
package cmd
