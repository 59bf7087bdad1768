package discord

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/bot"
)

// line is a command as it would be typed: its path and the values of its options in the order of the grammar. Of a
// completion it ends with what is being typed, which is typed too; typing is false when nothing is.
func (i *interaction) line() (line, typed string, typing bool) {
	path, options := []string{"/" + i.Data.Name}, i.Data.Options
	for depth := 0; depth < 2 && len(options) > 0 && (options[0].Type == 1 || options[0].Type == 2); depth++ {
		path, options = append(path, options[0].Name), options[0].Options
	}
	order := argOrder(path[1:])
	sort.SliceStable(options, func(a, b int) bool { return order[options[a].Name] < order[options[b].Name] })
	words := path
	for _, o := range options {
		if o.Focused {
			typed, _ = value(o)
			return strings.Join(append(words, typed), " "), typed, true
		}
		if v, ok := value(o); ok && len(path) == 1 { // a flow's own command: ours has verbs
			words = append(words, o.Name+`="`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v)+`"`)
		} else if ok {
			words = append(words, v)
		}
	}
	return strings.Join(words, " "), "", false
}

func value(o parameter) (string, bool) {
	switch v := o.Value.(type) {
	case nil:
		return "", false
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	default:
		return fmt.Sprint(v), o.Type != 1 && o.Type != 2
	}
}

// argOrder is the place of each option of a command, by the option's name.
func argOrder(path []string) map[string]int {
	order := map[string]int{}
	for _, c := range bot.Commands() {
		if c.Name() == strings.Join(path, " ") {
			for i, a := range c.Args {
				order[optionName(a)] = i
			}
		}
	}
	return order
}
