package plan_test

import (
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/plan"
)

func example() *engine.Plan {
	return &engine.Plan{Flow: "f", Version: 2, Steps: []engine.PlanStep{{
		ID: "ticket", Action: "http.request", Account: "a", Risk: engine.Write,
		Input: map[string]any{"url": "https://x.example", "n": 9007199254740993, "later": plan.From("steps.a.id")},
	}}}
}

// TestHash: the hash is what an approval authorises, so anything that changes what would be done changes it, and
// what is only for people does not.
func TestHash(t *testing.T) {
	of := func(change func(*engine.Plan)) string {
		p := example()
		change(p)
		h, err := plan.Hash(p)
		if err != nil || len(h) != 64 {
			t.Fatalf("hash %q (%v)", h, err)
		}
		return h
	}
	base := of(func(*engine.Plan) {})
	for name, change := range map[string]func(*engine.Plan){
		"flow":    func(p *engine.Plan) { p.Flow = "g" },
		"version": func(p *engine.Plan) { p.Version = 3 },
		"action":  func(p *engine.Plan) { p.Steps[0].Action = "x.y.z" },
		"account": func(p *engine.Plan) { p.Steps[0].Account = "b" },
		"step":    func(p *engine.Plan) { p.Steps[0].ID = "other" },
		"risk":    func(p *engine.Plan) { p.Steps[0].Risk = engine.Send },
		"value":   func(p *engine.Plan) { p.Steps[0].Input["n"] = 9007199254740992 },
		"type":    func(p *engine.Plan) { p.Steps[0].Input["n"] = "9007199254740993" },
		"unknown": func(p *engine.Plan) { p.Steps[0].Input["later"] = plan.From("steps.b.id") },
		"known":   func(p *engine.Plan) { p.Steps[0].Input["later"] = "steps.a.id" },
		"more":    func(p *engine.Plan) { p.Steps = append(p.Steps, p.Steps[0]) },
	} {
		if of(change) == base {
			t.Errorf("another %s has the same hash", name)
		}
	}
	if of(func(p *engine.Plan) { p.Steps[0].Line, p.Steps[0].Detail, p.Hash = "POST", "x", "y" }) != base {
		t.Error("words for people change the hash")
	}
	if (&engine.Plan{Hash: base}).Short() != base[:8] || (*engine.Plan)(nil).Short() != "" {
		t.Error("the short hash")
	}
}

func TestKnown(t *testing.T) {
	in := example().Steps[0].Input
	if got := plan.Known(in); len(got) != 2 || got["later"] != nil || in["later"] == nil {
		t.Errorf("known: %v", got)
	}
	for _, v := range []any{nil, "x", map[string]any{}, map[string]any{plan.FromKey: 1}, map[string]any{plan.FromKey: "a", "b": 1}} {
		if plan.Unknown(v) {
			t.Errorf("%v counts as unknown", v)
		}
	}
	if !plan.Unknown(plan.From("x")) {
		t.Error("From is not Unknown")
	}
}

func TestSame(t *testing.T) {
	if !plan.Same(map[string]any{"a": 1, "b": []any{"x"}}, map[string]any{"b": []any{"x"}, "a": 1}) {
		t.Error("the order of members matters")
	}
	for _, other := range []any{map[string]any{"a": "1"}, map[string]any{}, nil, func() {}} {
		if plan.Same(map[string]any{"a": 1}, other) {
			t.Errorf("%v is the same", other)
		}
	}
	if plan.Same(func() {}, func() {}) {
		t.Error("what has no JSON is the same")
	}
}
