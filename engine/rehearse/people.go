package rehearse

import (
	"encoding/json"
	"fmt"

	"github.com/bretelle/bretelle/engine"
)

// reply is the next made-up person's approval, or their answer: the one given for the step, else the first choice, and
// in a form whatever its fields may hold.
func (s *stage) reply(a engine.AskView) (engine.Entry, error) {
	e := engine.Entry{Path: a.Path, By: fmt.Sprintf("somebody-%d", len(a.Votes)+1)}
	var head any
	if a.Kind == engine.AskApproval {
		h := engine.VoteHead{Choice: "approve", Groups: a.Groups, GroupsAt: s.at}
		if a.Plan != nil {
			h.Plan = a.Plan.Hash
		}
		e.Kind, head = engine.AskVoted, h
	} else {
		e.Kind, head = engine.AskAnswered, engine.AnswerHead{Groups: a.Groups, GroupsAt: s.at}
		s.assumed[a.Path] = true
		var err error
		if e.Data, err = s.chosen(a); err != nil {
			return e, err
		}
	}
	var err error
	if e.Head, err = engine.EncodeJSON(head); err != nil {
		return e, engine.AsError(err)
	}
	return e, nil
}

// chosen is the answer to a choice or a form.
func (s *stage) chosen(a engine.AskView) (json.RawMessage, error) {
	if given, ok := s.o.Answers[stepOf(a.Path)]; ok {
		var v map[string]any
		if json.Unmarshal(given, &v) == nil && (v["choice"] != nil || v["fields"] != nil) {
			return engine.EncodeJSON(map[string]any{"choice": v["choice"], "fields": v["fields"]})
		}
	}
	if a.Kind == engine.AskChoice {
		if len(a.Options) == 0 {
			return json.RawMessage(`{}`), nil
		}
		return engine.EncodeJSON(map[string]any{"choice": a.Options[0].Value})
	}
	fields := map[string]any{}
	if a.Fields != nil {
		for _, f := range a.Fields.Fields {
			fields[f.Name] = Example(f.Schema)
		}
	}
	return engine.EncodeJSON(map[string]any{"fields": fields})
}

// Example is a value that fits a schema, as plain as can be: its default or example, else the first choice, else
// something that looks like what people write.
func Example(s *engine.Schema) any {
	switch {
	case s == nil:
		return "example"
	case s.Default != nil:
		return s.Default
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Example != "" && s.Type == "string":
		return s.Example
	}
	switch s.Type {
	case "boolean":
		return true
	case "integer", "number":
		return 7
	case "array":
		if s.Items == nil {
			return []any{}
		}
		return []any{Example(s.Items)}
	case "object":
		m := map[string]any{}
		for _, f := range s.Fields {
			m[f.Name] = Example(f.Schema)
		}
		return m
	}
	switch s.Format {
	case "email":
		return "ada@example.org"
	case "date":
		return "2026-03-01"
	case "date-time":
		return "2026-03-01T09:00:00.000Z"
	case "uri":
		return "https://example.org/"
	case "duration":
		return "1d"
	}
	return "example"
}
