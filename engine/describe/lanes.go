package describe

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// each says how a loop goes through its list: "issue.labels, one by one".
func each(e *flow.Each) engine.Text {
	list := source(e.List)
	switch at, size := e.AtOnce(), e.Size(); {
	case at > 1 && size > 1:
		return engine.Say("{list}, {size} in a batch, {count} batches at once", "list", list, "size", size, "count", at)
	case at > 1:
		return engine.Say("{list}, {count} at once", "list", list, "count", at)
	case size > 1:
		return engine.Say("{list}, {size} in a batch", "list", list, "size", size)
	}
	return engine.Say("{list}, one by one", "list", list)
}

// parallel says what goes on side by side: "crm and mail at once, until the first is through".
func parallel(p *flow.Parallel) engine.Text {
	names := make([]string, len(p.Branches))
	for i, b := range p.Branches {
		names[i] = b.Name
	}
	all := strings.Join(names, ", ")
	switch {
	case p.Join == 1:
		return engine.Say("{branches} at once, until one is through", "branches", all)
	case p.Join > 0 && p.Join < len(p.Branches):
		return engine.Say("{branches} at once, until {count} are through", "branches", all, "count", p.Join)
	}
	return engine.Say("{branches} at once", "branches", all)
}
