package fold

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/gate"
)

// DigestGate is what names of the gates of digests begin with; the flow, the step and the key follow.
const DigestGate = "digest:"

// What one run adds to a digest is bounded, in bytes: an item, and all of them.
const (
	maxItem  = 64 << 10
	maxItems = 256 << 10
)

// enterDigest adds what the run brings. The run that is the first waits for the rest; one that comes later ends, or goes on
// without it. Which it is, and when all of it goes out, the gate decides, in the transaction that adds.
func (m *machine) enterDigest(n *node) (bool, error) {
	d := n.step.Digest
	key, err := m.lineKey(n)
	if err != nil {
		return m.fault(n, err)
	}
	items, err := m.brought(n)
	if err != nil {
		return m.fault(n, err)
	}
	if len(items) == 0 && !m.collects(n) {
		return m.nothingAdded(n)
	}
	data, err := engine.EncodeJSON(map[string]any{"number": m.s.Head.Number, "step": n.path, "items": items})
	if err != nil {
		return false, err
	}
	rule := gate.Rule{Kind: gate.Digest, Most: d.Most, For: d.For.Milliseconds()}
	if rule.Most == 0 {
		rule.Most = flow.MaxDigest
	}
	if d.Times != nil {
		if at := d.Times.In(m.p.zone).Next(engine.Time(m.s.LastAt)); !at.IsZero() {
			rule.Due = at.UnixMilli()
		}
	}
	return m.stand(n, DigestGate, key, rule, data, map[string]any{"key": key, "items": items})
}

// collects says that the run was begun for what others have added, and adds nothing.
func (m *machine) collects(n *node) bool {
	a := m.s.Head.Again
	return a != nil && a.Collect && a.From == n.path
}

// brought is what the run adds.
func (m *machine) brought(n *node) ([]any, error) {
	if m.collects(n) {
		return []any{}, nil
	}
	x, err := m.scope(n).eval(n.list)
	if err != nil {
		return nil, err
	}
	items := []any{x}
	if n.step.Digest.Items != nil {
		list, ok := x.([]any)
		if !ok && x != nil {
			return nil, engine.E(engine.Invalid, "{value} is no list", "value", short(plain(x))).
				WithHint("Add one thing with item, the elements of a list with items.")
		}
		items = list
	}
	if len(items) > flow.MaxDigest {
		return nil, engine.E(engine.TooLarge, "a run adds at most {most} items to a digest", "most", flow.MaxDigest).
			WithHint("Take fewer.")
	}
	sum := 0
	for _, x := range items {
		b, err := engine.EncodeJSON(x)
		if err != nil {
			return nil, err
		}
		if sum += len(b); len(b) > maxItem || sum > maxItems {
			return nil, engine.E(engine.TooLarge, "an item of a digest is larger than {most} KiB, or all of them are larger than {all} KiB", "most", maxItem>>10, "all", maxItems>>10).
				WithHint("Take only the parts that are needed.")
		}
	}
	return items, nil
}

// nothingAdded is a digest for which the run has nothing.
func (m *machine) nothingAdded(n *node) (bool, error) {
	through, err := m.pass(n, digestValue(nil, nil))
	if err != nil || !through || n.step.Digest.Skip {
		return through, err
	}
	return true, m.end(engine.RunDone, "there was nothing to add")
}

// digested follows what the gate says of a digest: all of it is here, or another run gets it.
func (m *machine) digested(n *node, h engine.GateHead) error {
	if h.Answer != engine.GateGranted {
		if n.step.Digest.Skip && !m.collects(n) {
			return m.passAndGo(n, digestValue(nil, nil))
		}
		if _, err := m.pass(n, digestValue(nil, nil)); err != nil {
			return err
		}
		return m.end(engine.RunDone, h.Reason)
	}
	x, err := m.value(m.e.Seq)
	if err != nil {
		return err
	}
	parts, ok := member(x, "parts").([]any)
	if !ok {
		parts = []any{x}
	}
	items, runs := []any{}, []any{}
	for _, part := range parts {
		list, _ := member(part, "items").([]any)
		if items = append(items, list...); len(list) > 0 {
			runs = append(runs, member(part, "number"))
		}
	}
	return m.passAndGo(n, digestValue(items, runs))
}

// digestValue is what the step gives.
func digestValue(items, runs []any) map[string]any {
	if items == nil {
		return map[string]any{"released": false, "items": []any{}, "count": 0, "runs": []any{}}
	}
	return map[string]any{"released": true, "items": items, "count": len(items), "runs": runs}
}

// CutDigestGate is the flow and step in the name of a digest's gate.
func CutDigestGate(name string) (flow, step string, ok bool) {
	parts := strings.SplitN(name, ":", 4)
	if len(parts) != 4 || parts[0]+":" != DigestGate {
		return "", "", false
	}
	return parts[1], parts[2], true
}
