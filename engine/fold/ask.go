package fold

import (
	"encoding/json"
	"slices"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/plan"
)

// asked is the Data of an AskOpened entry.
type asked struct {
	Title   string             `json:"title"`
	Plan    *engine.Plan       `json:"plan"`
	Options []engine.AskOption `json:"options,omitempty"` // of a choice
	Fields  any                `json:"fields,omitempty"`  // of a form, as written with expressions worked out
}

// AskHead is the Head of an AskOpened entry.
type AskHead struct {
	Revision int      `json:"revision"`
	Plan     string   `json:"plan"` // hash
	Groups   []string `json:"groups"`
	Need     int      `json:"need"`
}

// DecisionHead is the Head of an AskDecided entry. Covers lists the steps that an approval lets through; the
// runtime remembers them for the send gate of later runs.
type DecisionHead struct {
	Decision string   `json:"decision"` // approve or deny
	By       string   `json:"by,omitempty"`
	Plan     string   `json:"plan"` // hash
	Revision int      `json:"revision"`
	Covers   []string `json:"covers,omitempty"`
}

func (m *machine) enterAsk(n *node) (through bool, err error) {
	x, err := m.scope(n).eval(n.title)
	if err != nil {
		return m.fault(n, err)
	}
	w := n.step.Ask
	k := &ask{Kind: w.Kind, Mode: "any", Groups: w.Any, Need: max(w.Need, 1), Edit: w.Edit, Not: w.Not}
	if len(w.All) > 0 {
		k.Mode, k.Groups = "all", w.All
	}
	k.Remind = w.Remind.Milliseconds()
	if w.Expire != nil {
		k.Expires, k.Then = m.s.LastAt+w.Expire.After.Milliseconds(), w.Expire.Then
	}
	if k.Kind != engine.AskApproval {
		return m.question(n, k, plain(x))
	}
	p := m.newPlan(nil)
	for _, id := range w.Covers {
		c := m.p.nodes[id].at(n.prefix())
		k.Covers = append(k.Covers, c.path)
		in, err := m.partial(c, m.s.LastSeq)
		if err != nil {
			return m.fault(n, err)
		}
		step := m.planStep(c, in)
		p.Steps = append(p.Steps, step)
		if step.Risk == engine.Destroy && !w.NotSet {
			k.Not = fourEyes
		}
	}
	if err := m.anew(n, &active{Phase: phaseAsk}); err != nil {
		return false, err
	}
	return m.open(n, k, asked{Title: plain(x), Plan: p})
}

// open asks people, and hears those who answered before they were asked (R5).
func (m *machine) open(n *node, k *ask, what asked) (through bool, err error) {
	path := n.path
	k.State, k.Opened, k.Seen = engine.CardOpen, m.s.LastAt, m.s.LastSeq
	if m.s.Asks == nil {
		m.s.Asks = map[string]*ask{}
	}
	m.s.Asks[path] = k
	if err := m.revise(path, k, what); err != nil {
		return false, err
	}
	if k.Expires > 0 {
		m.setTimer("expire:"+path, k.Expires)
	}
	if k.Remind > 0 {
		m.setTimer("remind:"+path, m.s.LastAt+k.Remind)
	}
	if err := m.tell(engine.NoticeAsk, "ask", path, nil); err != nil {
		return false, err
	}
	kept := m.s.Early
	m.s.Early = nil
	for _, v := range kept {
		if v.Path != path {
			m.s.Early = append(m.s.Early, v)
			continue
		}
		if k.State != engine.CardOpen || k.judge(m.s.Head, v.By, v.Vote) != nil || k.voted(v.By) != nil {
			continue
		}
		if v.Seq > 0 {
			through, err = m.early(n, k, v)
		} else {
			through, err = m.vote(n, k, v.By, v.At, v.Vote)
		}
		if err != nil {
			return false, err
		}
	}
	return through, nil
}

// revise records a revision of what is asked.
func (m *machine) revise(path string, k *ask, what asked) (err error) {
	if what.Plan != nil {
		if k.Hash, err = plan.Hash(what.Plan); err != nil {
			return err
		}
	}
	k.Revision++
	k.Seq, err = m.record(engine.AskOpened, path, 0,
		AskHead{Revision: k.Revision, Plan: k.Hash, Groups: k.Groups, Need: k.Need}, what)
	return err
}

// planAt reads what entry seq asked.
func (m *machine) planAt(seq int64) (*engine.Plan, string, error) {
	x, err := m.value(seq)
	if err != nil {
		return nil, "", err
	}
	b, err := engine.EncodeJSON(x)
	if err != nil {
		return nil, "", err
	}
	var was asked
	if err := json.Unmarshal(b, &was); err != nil || was.Plan == nil {
		return &engine.Plan{}, was.Title, err
	}
	for i := range was.Plan.Steps {
		// json.Unmarshal made floats of integers: take the exact values.
		steps, _ := member(x, "plan", "steps").([]any)
		if i < len(steps) {
			was.Plan.Steps[i].Input, _ = member(steps[i], "input").(map[string]any)
		}
	}
	return was.Plan, was.Title, nil
}

func member(x any, names ...string) any {
	for _, n := range names {
		in, _ := x.(map[string]any)
		x = in[n]
	}
	return x
}

// judge says why a vote does not count, whoever voted before; nil when it does.
func (k *ask) judge(start engine.StartHead, by string, v engine.VoteHead) *engine.Answer {
	switch {
	case k.State == engine.CardExpired:
		return &engine.Answer{Verdict: engine.Expired, At: k.Expires}
	case k.State != engine.CardOpen:
		return &engine.Answer{Verdict: engine.Already, By: k.By, At: k.At, Choice: k.chosen()}
	case !slices.ContainsFunc(v.Groups, func(g string) bool { return slices.Contains(k.Groups, g) }):
		return &engine.Answer{Verdict: engine.NotYou, Need: k.Need, Votes: len(k.Votes)}
	case v.Plan != k.Hash:
		return &engine.Answer{Verdict: engine.OldPlan}
	case by == "" || by == start.By && slices.Contains(k.Not, "requester"):
		return &engine.Answer{Verdict: engine.FourEyes, Why: "requester"}
	case by == k.EditedBy && slices.Contains(k.Not, "editor"):
		return &engine.Answer{Verdict: engine.FourEyes, Why: "editor"}
	}
	return nil
}

// voted says that a person voted for this revision already; nil when not.
func (k *ask) voted(by string) *engine.Answer {
	for _, v := range k.Votes {
		if v.By == by {
			return &engine.Answer{Verdict: engine.Voted, By: by, At: v.At, Via: v.Via, Votes: len(k.Votes), Need: k.Need}
		}
	}
	return nil
}

// enough says whether the votes decide: need of all groups together, or need of each.
func (k *ask) enough() bool {
	if k.Mode != "all" {
		return len(k.Votes) >= k.Need
	}
	for _, g := range k.Groups {
		n := 0
		for _, v := range k.Votes {
			if slices.Contains(v.Groups, g) {
				n++
			}
		}
		if n < k.Need {
			return false
		}
	}
	return true
}

func (m *machine) voted() error {
	var v engine.VoteHead
	if err := m.head(&v); err != nil {
		return err
	}
	if v.Choice != "approve" && v.Choice != "deny" {
		return m.refuse(engine.Answer{
			Verdict: engine.BadAnswer, Err: engine.E(engine.Invalid, `"{choice}" is not an answer`, "choice", v.Choice).WithHint("Answer approve or deny."),
		})
	}
	n, k := m.node(m.e.Path), m.s.Asks[m.e.Path]
	if k == nil && n != nil {
		was, err := m.former(n)
		if err != nil {
			return err
		}
		k = was
	}
	if k == nil {
		return m.keep(n, v)
	}
	if k.Kind != engine.AskApproval {
		return m.refuse(engine.Answer{Verdict: engine.NotNow})
	}
	if no := k.judge(m.s.Head, m.e.By, v); no != nil {
		return m.refuse(*no)
	}
	if no := k.voted(m.e.By); no != nil && v.Choice == "approve" {
		return m.refuse(*no)
	}
	at := len(m.out)
	through, err := m.vote(n, k, m.e.By, m.s.LastAt, v)
	if err != nil {
		return err
	}
	answer := engine.Answer{Verdict: engine.Counted, Votes: len(k.Votes), Need: k.Need, Decided: k.State != engine.CardOpen, Choice: v.Choice}
	m.out = slices.Insert(m.out, at, Command(Reply{answer}))
	if through {
		return m.advance(n)
	}
	return nil
}

// keep holds a vote that came before its approval opened.
func (m *machine) keep(n *node, v engine.VoteHead) error {
	if n == nil || n.step.Ask == nil || n.step.Ask.Kind != engine.AskApproval || m.over(n) || len(m.s.Early) >= maxEarly {
		return m.refuse(engine.Answer{Verdict: engine.NotNow})
	}
	m.s.Early = append(slices.Clip(m.s.Early), early{Path: m.e.Path, By: m.e.By, At: m.s.LastAt, Vote: v})
	m.count(engine.Answer{Need: max(n.step.Ask.Need, 1)})
	return nil
}

// vote counts a vote that may count, and decides when it is enough. A denial decides at once.
func (m *machine) vote(n *node, k *ask, by string, at int64, v engine.VoteHead) (through bool, err error) {
	if v.Choice == "deny" {
		return m.decide(n, k, "deny", by, v.Reason)
	}
	k.Votes = append(k.Votes, engine.Vote{By: by, At: at, Groups: v.Groups, Via: v.Via})
	if k.enough() {
		return m.decide(n, k, "approve", by, "")
	}
	return false, m.tell(engine.NoticeAskMoved, "ask", n.path, nil)
}

// decide closes an approval. A denial of one that covers steps stops the run; one that covers nothing is a
// question, and its answer is a value for later steps.
func (m *machine) decide(n *node, k *ask, decision, by, reason string) (through bool, err error) {
	path := n.path
	k.State, k.Decision, k.By, k.At, k.Reason = engine.CardDecided, decision, by, m.s.LastAt, reason
	m.cancelTimer("expire:" + path)
	m.cancelTimer("remind:" + path)
	h := DecisionHead{Decision: decision, By: by, Plan: k.Hash, Revision: k.Revision}
	if decision == "approve" {
		h.Covers = k.Covers
	}
	if _, err := m.record(engine.AskDecided, path, 0, h, nil); err != nil {
		return false, err
	}
	if err := m.tell(engine.NoticeAskMoved, "ask", path, nil); err != nil {
		return false, err
	}
	gate := m.s.step(path) != nil && m.s.step(path).Phase == phaseGate
	if decision == "deny" && len(k.Covers) > 0 {
		why := "denied"
		if reason != "" {
			why += ": " + reason
		}
		return false, m.end(engine.RunStopped, why)
	}
	for _, id := range h.Covers {
		if m.s.Cleared == nil {
			m.s.Cleared = map[string]approval{}
		}
		m.s.Cleared[id] = approval{Ask: path, Seq: k.Seq, Seen: k.Seen, Exact: gate}
		if step := stepID(id); step != id && by != "" && !slices.Contains(m.s.Sent, step) {
			m.s.Sent = append(slices.Clip(m.s.Sent), step)
		}
	}
	if !gate {
		return m.pass(n, map[string]any{"decision": decision, "by": by, "reason": reason, "at": timeText(k.At)})
	}
	x, err := m.planned(k.Seq, n.step.ID)
	if err != nil {
		return false, err
	}
	in, _ := x.(map[string]any)
	return false, m.call(n, in)
}

// expired is an approval that nobody decided in time.
func (m *machine) expired(n *node, path string) error {
	k := m.s.Asks[path]
	if k == nil || k.State != engine.CardOpen {
		return nil
	}
	if k.Kind != engine.AskApproval && k.Then == "skip" {
		return m.unanswered(n, k)
	}
	then := k.Then
	if then == "approve" {
		p, _, err := m.planAt(k.Seq)
		if err != nil {
			return err
		}
		// Only what can be changed back may go through unseen (CONTRACTS, "Plans and approvals").
		if slices.ContainsFunc(p.Steps, func(s engine.PlanStep) bool { return s.Risk > engine.Write }) {
			then = "stop"
		}
	}
	if then == "approve" || then == "deny" && len(k.Covers) == 0 {
		through, err := m.decide(n, k, then, "", "nobody answered in time")
		if err != nil || !through {
			return err
		}
		return m.advance(n)
	}
	k.State, k.At = engine.CardExpired, m.s.LastAt
	m.cancelTimer("remind:" + path)
	if err := m.tell(engine.NoticeAskMoved, "ask", path, nil); err != nil {
		return err
	}
	return m.end(engine.RunStopped, "nobody answered in time")
}
