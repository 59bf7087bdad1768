package storage

import (
	"encoding/json"
	"slices"
	"sort"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Bounds of the words by which a run is found.
const (
	mostWords   = 48
	longestWord = 40  // in runes; what is longer is cut
	mostText    = 200 // bytes read of one text
)

// unsaid are members of an event that nobody looks a run up by.
var unsaid = []string{"headers", "method", "path"}

// Words are the words by which a run is found: of its dedup key, and of the event that started it as EncodeEvent made
// it (nil: none). They are folded as Fold does, each comes once, in a fixed order, and there are at most 48.
//
// What this gives for an event must never change: to take a run's words out of the index they are made again. A
// version that makes others empties the index in a migration, and it is filled anew.
func Words(key string, event []byte) []string {
	var out []string
	add := func(text string) {
		for _, w := range Fold(cut(text)) {
			if len(out) < mostWords && !slices.Contains(out, w) {
				out = append(out, w)
			}
		}
	}
	add(key)
	var stored struct {
		Data map[string]any `json:"data"`
	}
	d := json.NewDecoder(strings.NewReader(string(event)))
	d.UseNumber()
	if len(event) == 0 || d.Decode(&stored) != nil {
		return out
	}
	for _, name := range unsaid {
		delete(stored.Data, name)
	}
	walk(stored.Data, add)
	return out
}

// walk visits texts and numbers, members in the order of their names.
func walk(v any, add func(string)) {
	switch x := v.(type) {
	case map[string]any:
		names := make([]string, 0, len(x))
		for name := range x {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			walk(x[name], add)
		}
	case []any:
		for _, item := range x {
			walk(item, add)
		}
	case string:
		add(x)
	case json.Number:
		add(x.String())
	}
}

func cut(text string) string {
	if len(text) > mostText {
		text = strings.ToValidUTF8(text[:mostText], "")
	}
	return text
}

// Fold makes words of a text: runs of letters and digits, in small letters, without accents. Single characters that are
// no digits are left out.
func Fold(text string) []string {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(text))
	words := strings.FieldsFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	out := words[:0]
	for _, w := range words {
		if runes := []rune(w); len(runes) > longestWord {
			w = string(runes[:longestWord])
		} else if len(runes) == 1 && !unicode.IsDigit(runes[0]) && runes[0] < 0x2e80 {
			continue // a letter of an alphabet; of ideographs one is a word
		}
		out = append(out, w)
	}
	return out
}

// Sought is one word of a search.
type Sought struct {
	Word string
	Open bool // also every word that begins so: it was written with a star, "ann*"
}

// MostSought is how many words of a search count.
const MostSought = 8

// Seek reads what somebody looks for. All its words have to be there.
func Seek(text string) []Sought {
	var out []Sought
	for _, part := range strings.Fields(text) {
		words := Fold(part)
		for i, w := range words {
			if len(out) < MostSought {
				out = append(out, Sought{Word: w, Open: i == len(words)-1 && strings.HasSuffix(part, "*")})
			}
		}
	}
	return out
}
