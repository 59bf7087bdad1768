package fold

import (
	"maps"
	"slices"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/plan"
)

// edited is an edit of what is asked: a new revision, for which its editor votes where the rules allow it.
func (m *machine) edited() error {
	var v engine.VoteHead
	if err := m.head(&v); err != nil {
		return err
	}
	n, k := m.node(m.e.Path), m.s.Asks[m.e.Path]
	if n == nil || k == nil || k.Kind != engine.AskApproval {
		return m.refuse(engine.Answer{Verdict: engine.NotNow})
	}
	if no := k.judge(m.s.Head, m.e.By, v); no != nil && no.Why != "editor" {
		return m.refuse(*no)
	}
	x, err := m.value(m.e.Seq)
	if err != nil {
		return err
	}
	fields, _ := x.(map[string]any)
	for _, key := range sorted(fields) {
		if !slices.Contains(k.Edit, key) {
			return m.refuse(engine.Answer{
				Verdict: engine.BadAnswer, Err: engine.E(engine.Invalid, `"{field}" may not be changed here`, "field", key),
			})
		}
	}
	p, title, err := m.planAt(k.Seq)
	if err != nil {
		return err
	}
	if changed := applyEdits(p, fields); len(changed) > 0 {
		if m.s.Edits == nil {
			m.s.Edits = map[string]int64{}
		}
		for _, key := range changed {
			m.s.Edits[n.prefix()+key] = m.e.Seq
		}
		k.Lapsed, k.Votes = append(slices.Clip(k.Lapsed), k.Votes...), nil
		k.EditedBy, k.Edited = m.e.By, changed
		for i := range p.Steps {
			p.Steps[i] = m.planStep(m.p.nodes[p.Steps[i].ID].at(n.prefix()), p.Steps[i].Input)
		}
		if err := m.revise(n.path, k, asked{Title: title, Plan: p}); err != nil {
			return err
		}
	}
	answer := engine.Answer{Need: k.Need, Choice: "approve"}
	at := len(m.out)
	through := false
	v.Plan = k.Hash
	if k.judge(m.s.Head, m.e.By, v) == nil && k.voted(m.e.By) == nil {
		if through, err = m.vote(n, k, m.e.By, m.s.LastAt, v); err != nil {
			return err
		}
	} else if err := m.tell(engine.NoticeAskMoved, "ask", n.path, nil); err != nil {
		return err
	}
	answer.Verdict, answer.Votes, answer.Decided = engine.Counted, len(k.Votes), k.State != engine.CardOpen
	m.out = slices.Insert(m.out, at, Command(Reply{answer}))
	if through {
		return m.advance(n)
	}
	return nil
}

// applyEdits puts the fields into the plan and lists, sorted, those that changed something.
func applyEdits(p *engine.Plan, fields map[string]any) (changed []string) {
	for _, key := range sorted(fields) {
		id, name, _ := cutEdit(key)
		for i, s := range p.Steps {
			if s.ID == id && !plan.Same(s.Input[name], fields[key]) {
				in := maps.Clone(s.Input)
				if in == nil {
					in = map[string]any{}
				}
				in[name] = fields[key]
				p.Steps[i].Input = in
				changed = append(changed, key)
			}
		}
	}
	return changed
}
