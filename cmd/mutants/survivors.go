package main

import (
	"fmt"
	"regexp"
	"strings"
)

// parseSurvivors reads survivors.txt: an id and what the mutant is on one line, and below it, indented, why no test
// notices. It gives the reason of each id.
func parseSurvivors(text string) (map[string]string, error) {
	id := regexp.MustCompile(`^[0-9a-f]{10}$`)
	out, at := map[string]string{}, ""
	for i, line := range strings.Split(text, "\n") {
		words := strings.TrimSpace(line)
		switch {
		case words == "" || strings.HasPrefix(line, "#"):
		case line[0] == ' ' || line[0] == '\t':
			if at == "" {
				return nil, fmt.Errorf("survivors.txt:%d: a reason without a mutant above it", i+1)
			}
			out[at] = strings.TrimSpace(out[at] + " " + words)
		default:
			if at != "" && out[at] == "" {
				return nil, fmt.Errorf("survivors.txt:%d: %s has no reason", i, at)
			}
			at, _, _ = strings.Cut(line, " ")
			if _, twice := out[at]; twice || !id.MatchString(at) {
				return nil, fmt.Errorf("survivors.txt:%d: %q is no id, or is there twice", i+1, at)
			}
			out[at] = ""
		}
	}
	if at != "" && out[at] == "" {
		return nil, fmt.Errorf("survivors.txt: %s has no reason", at)
	}
	return out, nil
}
