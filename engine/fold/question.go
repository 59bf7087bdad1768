package fold

import (
	"maps"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// question opens a choice or a form: the first valid answer of somebody who is asked counts.
func (m *machine) question(n *node, k *ask, title string) (through bool, err error) {
	what := asked{Title: title}
	sc := m.scope(n)
	if k.Kind == engine.AskChoice {
		x, err := sc.eval(n.options)
		if err != nil {
			return m.fault(n, err)
		}
		values, titles, problems := flow.FormOptions(flow.PlainValue(x))
		for _, p := range problems {
			return m.fault(n, &engine.Error{Code: engine.Invalid, Msg: p.Msg, Args: p.Args, Hint: p.Hint})
		}
		for i, v := range values {
			o := engine.AskOption{Value: v, Label: v}
			if titles != nil {
				o.Label = titles[i]
			}
			what.Options = append(what.Options, o)
		}
	} else {
		x, err := sc.eval(n.fields)
		if err != nil {
			return m.fault(n, err)
		}
		if _, err := flow.FormSchema(x); err != nil {
			return m.fault(n, err)
		}
		what.Fields = x
	}
	if err := m.anew(n, &active{Phase: phaseAsk}); err != nil {
		return false, err
	}
	return m.open(n, k, what)
}

// answered is a person's answer to a choice or a form.
func (m *machine) answered() error {
	var h engine.AnswerHead
	if err := m.head(&h); err != nil {
		return err
	}
	n, k := m.node(m.e.Path), m.s.Asks[m.e.Path]
	if n == nil || n.step.Ask == nil || n.step.Ask.Kind == engine.AskApproval || k != nil && k.Kind == engine.AskApproval {
		return m.refuse(engine.Answer{Verdict: engine.NotNow})
	}
	if k == nil {
		was, err := m.former(n)
		if err != nil {
			return err
		}
		k = was
	}
	v := engine.VoteHead{Groups: h.Groups, GroupsAt: h.GroupsAt, Via: h.Via}
	if k == nil {
		if m.over(n) || len(m.s.Early) >= maxEarly {
			return m.refuse(engine.Answer{Verdict: engine.NotNow})
		}
		m.s.Early = append(slices.Clip(m.s.Early), early{Path: m.e.Path, By: m.e.By, At: m.s.LastAt, Vote: v, Seq: m.e.Seq})
		m.count(engine.Answer{Need: 1})
		return nil
	}
	if no := k.judge(m.s.Head, m.e.By, v); no != nil {
		return m.refuse(*no)
	}
	value, bad, err := m.read(k, m.e.Seq)
	if err != nil {
		return err
	}
	if bad != nil {
		return m.refuse(*bad)
	}
	choice, _ := value["choice"].(string)
	m.count(engine.Answer{Votes: 1, Need: 1, Decided: true, Choice: choice})
	through, err := m.settle(n, k, m.e.By, value)
	if err != nil || !through {
		return err
	}
	return m.advance(n)
}

// early hears an answer that came before it was asked for; one that does not fit is forgotten.
func (m *machine) early(n *node, k *ask, v early) (through bool, err error) {
	if k.Kind == engine.AskApproval {
		return false, nil
	}
	value, bad, err := m.read(k, v.Seq)
	if err != nil || bad != nil {
		return false, err
	}
	return m.settle(n, k, v.By, value)
}

// read types the answer that entry seq holds; bad says what is wrong with it.
func (m *machine) read(k *ask, seq int64) (value map[string]any, bad *engine.Answer, err error) {
	x, err := m.value(seq)
	if err != nil {
		return nil, nil, err
	}
	what, err := m.value(k.Seq)
	if err != nil {
		return nil, nil, err
	}
	if k.Kind == engine.AskChoice {
		given, _ := member(x, "choice").(string)
		if given == "" {
			return nil, &engine.Answer{Verdict: engine.BadAnswer, Err: engine.E(engine.Invalid, "an answer is needed here")}, nil
		}
		s := &engine.Schema{Type: "string", Enum: []string{}}
		options, _ := member(what, "options").([]any)
		for _, o := range options {
			s.Enum = append(s.Enum, plain(member(o, "value")))
			s.Titles = append(s.Titles, plain(member(o, "label")))
		}
		v, wrong := flow.FormValue(s, given)
		if wrong != nil || len(s.Enum) == 0 {
			return nil, &engine.Answer{Verdict: engine.BadAnswer, Err: wrong}, nil
		}
		return map[string]any{"choice": v}, nil, nil
	}
	s, wrong := flow.FormSchema(member(what, "fields"))
	if wrong != nil {
		return nil, &engine.Answer{Verdict: engine.BadAnswer, Err: wrong}, nil
	}
	given, ok := member(x, "fields").(map[string]any)
	if !ok {
		given = map[string]any{}
	}
	fields, errs := flow.ReadForm(s, given)
	if len(errs) > 0 {
		names := slices.Sorted(maps.Keys(errs))
		return nil, &engine.Answer{
			Verdict: engine.BadAnswer, Fields: errs,
			Err: engine.E(engine.Invalid, "some answers cannot be used: {fields}", "fields", clip(strings.Join(names, ", "), 200)).
				WithHint("Correct them and send the form again."),
		}, nil
	}
	return map[string]any{"fields": fields}, nil, nil
}

// settle closes a choice or a form with its answer.
func (m *machine) settle(n *node, k *ask, by string, value map[string]any) (through bool, err error) {
	k.State, k.Decision, k.By, k.At = engine.CardDecided, "answered", by, m.s.LastAt
	k.Choice, _ = value["choice"].(string)
	m.cancelTimer("expire:" + n.path)
	m.cancelTimer("remind:" + n.path)
	if _, err := m.record(engine.AskDecided, n.path, 0, DecisionHead{Decision: k.Decision, By: by, Revision: k.Revision}, nil); err != nil {
		return false, err
	}
	if err := m.tell(engine.NoticeAskMoved, "ask", n.path, nil); err != nil {
		return false, err
	}
	value["by"], value["at"] = by, timeText(k.At)
	through, err = m.pass(n, value)
	if d := m.s.Done[n.path]; err == nil && d != nil {
		k.Answer = d.Seq
	}
	return through, err
}

// unanswered skips a choice or form that nobody answered in time: later steps find nothing there.
func (m *machine) unanswered(n *node, k *ask) error {
	const why = "nobody answered in time"
	k.State, k.At = engine.CardExpired, m.s.LastAt
	m.cancelTimer("remind:" + n.path)
	if err := m.tell(engine.NoticeAskMoved, "ask", n.path, nil); err != nil {
		return err
	}
	seq, err := m.record(engine.StepSkipped, n.path, 0, map[string]any{"reason": why}, nil)
	if err != nil {
		return err
	}
	m.finish(n.path, &done{State: engine.StepStateSkipped, Seq: seq, At: m.s.LastAt, Reason: why})
	return m.advance(n)
}

// chosen is what was decided, as a late click is told.
func (k *ask) chosen() string {
	if k.Choice != "" {
		return k.Choice
	}
	return k.Decision
}
