package build

import (
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/prompts"
)

// laneFacts fills in what the dialogs of loops and parallels show beside their list.
func laneFacts(d *prompts.BlockFacts, step edit.Map) {
	switch d.Kind {
	case "each":
		e := sub(step, "each")
		d.AtOnce, d.Batch = whole(e.Get("parallel")), whole(e.Get("batch"))
		switch f := e.Get("on_failure").(type) {
		case edit.Map:
			d.MayFail = whole(f.Get("most"))
		case string:
			if f == "continue" {
				d.MayFail = "all"
			}
		}
	case "while":
		m := sub(step, "while")
		d.Cond, d.Most, d.As = m.Text("cond"), whole(m.Get("most")), m.Text("as")
	case "parallel":
		m := sub(step, "parallel")
		d.Branches = strings.Join(branchNames(step), "\n")
		d.Losers = or(m.Text("losers"), "cancel")
		d.Join, _ = scalar(m.Get("join"))
	}
}

func whole(v any) string {
	if n, ok := v.(int); ok {
		return strconv.Itoa(n)
	}
	return ""
}

// branchNames are the names of the branches of a parallel.
func branchNames(step edit.Map) []string {
	var out []string
	for _, p := range sub(sub(step, "parallel"), "branches") {
		out = append(out, p.Key)
	}
	return out
}

// eachHow reads how a loop goes.
func (r *reading) eachHow(e edit.Map, d prompts.BlockFacts) edit.Map {
	e = r.whole(e, "parallel", "atonce", d.AtOnce)
	e = r.whole(e, "batch", "batch", d.Batch)
	v, ok := r.got("mayfail", d.MayFail)
	n, err := strconv.Atoi(v)
	switch {
	case !ok:
	case v == "":
		return e.Without("on_failure")
	case v == "all":
		return e.With("on_failure", "continue")
	case err != nil || n < 0:
		r.wrong("mayfail", r.w.t("A number is needed here."))
	default:
		return e.With("on_failure", edit.Map{{Key: "most", Value: n}})
	}
	return e
}

// whole puts a number that was typed into a map; left empty it is not written.
func (r *reading) whole(m edit.Map, key, name, stood string) edit.Map {
	v, ok := r.got(name, stood)
	if !ok {
		return m
	}
	switch n, err := strconv.Atoi(v); {
	case v == "":
		return m.Without(key)
	case err != nil || n < 1:
		r.wrong(name, r.w.t("A number is needed here."))
		return m
	default:
		return m.With(key, n)
	}
}

func (r *reading) while(step edit.Map, d prompts.BlockFacts) edit.Map {
	m := sub(step, "while")
	if v, ok := r.got("cond", d.Cond); ok {
		m = m.With("cond", r.expression("cond", v))
	}
	r.need("cond", m.Text("cond"))
	m = r.whole(m, "most", "most", d.Most)
	if m.Get("most") == nil {
		r.need("most", "")
	}
	if v, ok := r.got("as", d.As); ok && v == "" {
		m = m.Without("as")
	} else if ok {
		m = m.With("as", v)
	}
	return step.With("while", m)
}

func (r *reading) parallel(step edit.Map, d prompts.BlockFacts) edit.Map {
	m := sub(step, "parallel")
	if v, ok := r.got("branches", d.Branches); ok {
		old, next := sub(m, "branches"), edit.Map{}
		for line := range strings.Lines(v) {
			name := strings.TrimSpace(line)
			if name == "" || next.Get(name) != nil {
				continue
			}
			steps := old.Get(name)
			if steps == nil {
				steps = []any{}
			}
			next = next.With(name, steps)
		}
		m = m.With("branches", next)
	}
	if len(sub(m, "branches")) == 0 {
		r.need("branches", "")
	}
	if v, ok := r.got("join", d.Join); ok {
		n, err := strconv.Atoi(v)
		switch {
		case v == "" || v == "all":
			m = m.Without("join")
		case err == nil:
			m = m.With("join", n)
		default:
			m = m.With("join", v)
		}
	}
	if losers := or(r.typed["losers"], d.Losers); losers == "finish" {
		m = m.With("losers", losers)
	} else {
		m = m.Without("losers")
	}
	return step.With("parallel", m)
}
