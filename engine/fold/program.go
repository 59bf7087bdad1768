package fold

import (
	"errors"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/check"
	"github.com/bretelle/bretelle/engine/expr"
	"github.com/bretelle/bretelle/engine/flow"
)

// Program is a flow ready to run: checked, expressions compiled. Immutable, safe for concurrent use.
type Program struct {
	Flow *flow.Flow

	catalog engine.Catalog
	zone    *time.Location
	when    *expr.Expr
	key     *value
	output  *value // what a call gives; nil: nothing
	blocks  map[string]*block
	nodes   map[string]*node // by step id
	order   []*node          // as people count them

	// what limits and the trigger's gathering are counted by
	limitPer, limitOrder, gatherPer *value
}

// rootBlock is the id of the flow's own steps; those within a step are "<step>/then", "<step>/case1", "<step>/steps", ….
const rootBlock = ""

type block struct {
	id    string
	owner *node  // the step it is within; nil for the root
	part  string // its name there, "then"
	nodes []*node
}

// node is a step compiled. In a loop there is one for each round: a copy whose path says which.
type node struct {
	step    *flow.Step
	path    string   // where it stands in this run; the id, outside of loops
	loops   []string // ids of the loops it is in, outermost first
	within  []string // ids of the steps it is in, in whatever block, outermost first
	body    []string // of a loop: ids of the steps of its rounds, but for those of the loops in them
	berth   *berth   // the lane it is in; nil: the run's own
	catch   string   // id of the try in whose catch it is, innermost; "" when in none
	index   int      // as people count steps, from 1
	action  *engine.Action
	undo    *value // what its inverse sends
	given   int    // of an undoing run: which of what its event holds it sends, from 1
	when    *expr.Expr
	with    *value
	cond    *expr.Expr
	title   *value
	options *value // of a choice
	fields  *value // of a form
	on      *value // what a switch looks at
	cases   []*value
	list    *value // of a loop; of a digest what is added
	wait    *value
	key     *value // of an event: told, or waited for
	data    *value // of an emission
	reply   *value // what a wait for a reply is about
	stop    *value
	assigns []assign
}

type assign struct {
	name  string
	value *value
}

// Compile checks f against c and compiles it. The program is nil when Problems.Bad().
func Compile(f *flow.Flow, c engine.Catalog) (*Program, engine.Problems) {
	problems := check.Flow(f, c, check.Known{})
	if problems.Bad() {
		return nil, problems
	}
	b := builder{
		p:      &Program{Flow: f, catalog: c, zone: time.UTC, blocks: map[string]*block{}, nodes: map[string]*node{}},
		report: func(p engine.Problem) { problems = append(problems, p) },
	}
	if f.Timezone != "" {
		zone, err := time.LoadLocation(f.Timezone)
		if err != nil {
			b.report(engine.Problem{Severity: engine.SevError, Pos: f.Pos, Msg: `"{zone}" is not a time zone`, Args: engine.Args("zone", f.Timezone)})
		} else {
			b.p.zone = zone
		}
	}
	b.limits(f)
	b.env = check.TriggerEnv(f, c)
	b.p.when = b.cond(f.Trigger.When)
	b.p.key = b.value(f.Trigger.Key)
	b.block(&block{id: rootBlock}, f.Steps, nil, nil)
	b.env = check.Env(f, c, b.before)
	b.p.output = b.value(f.Output)
	problems.Sort()
	if problems.Bad() {
		return nil, problems
	}
	return b.p, problems
}

// Gone stands in for a version that cannot be compiled any more. A run that has begun can be cancelled with it; nothing
// else of a run makes sense to it.
func Gone() *Program {
	return &Program{Flow: &flow.Flow{}, zone: time.UTC, blocks: map[string]*block{}, nodes: map[string]*node{}}
}

type builder struct {
	p      *Program
	env    expr.Env
	before []*flow.Step
	report func(engine.Problem)
}

func (b *builder) block(bl *block, steps []*flow.Step, in []check.In, lane *berth) {
	b.p.blocks[bl.id] = bl
	for _, s := range steps {
		n := &node{step: s, path: s.ID, berth: lane, index: len(b.p.order) + 1}
		for _, i := range in {
			n.within = append(n.within, i.Step.ID)
			switch {
			case i.Step.Loop() && i.Block == "steps":
				n.loops = append(n.loops, i.Step.ID)
			case i.Block == "catch", i.Block == flow.RescueBlock:
				n.catch = i.Step.ID
			}
		}
		if k := len(n.loops); k > 0 {
			loop := b.p.nodes[n.loops[k-1]]
			loop.body = append(loop.body, s.ID)
		}
		bl.nodes = append(bl.nodes, n)
		b.p.nodes[s.ID] = n
		b.p.order = append(b.p.order, n)
		b.env = check.Within(check.Env(b.p.Flow, b.p.catalog, b.before), in)
		b.node(n)
		b.before = append(b.before, s)
		for _, inner := range s.Blocks() {
			b.block(&block{id: s.ID + "/" + inner.Name, owner: n, part: inner.Name}, inner.Steps, append(in[:len(in):len(in)], check.In{Step: s, Block: inner.Name}), n.inner(inner.Name))
		}
	}
}

func (b *builder) node(n *node) {
	s := n.step
	n.when = b.cond(s.When)
	n.with = b.value(s.With)
	n.stop = b.value(s.Stop)
	switch s.Kind {
	case flow.KindDo:
		n.action, _ = b.p.catalog.Action(s.Action)
		if s.Undo != nil {
			env := b.env
			b.env = check.UndoEnv(b.p.Flow, b.p.catalog, n.action)
			n.undo = b.value(s.Undo.With)
			b.env = env
		}
		if n.action == nil {
			b.report(engine.Problem{Severity: engine.SevError, Pos: s.Pos, Where: s.ID, Msg: `No action "{name}"`, Args: engine.Args("name", s.Action)})
		}
	case flow.KindAsk:
		n.title, n.options, n.fields = b.value(s.Ask.Title), b.value(s.Ask.Options), b.value(s.Ask.Fields)
	case flow.KindIf:
		n.cond = b.cond(s.If.Cond)
	case flow.KindSwitch:
		n.on = b.value(s.Switch.On)
		for _, c := range s.Switch.Cases {
			n.cases = append(n.cases, b.value(c.Is))
		}
	case flow.KindEach:
		n.list = b.value(s.Each.List)
	case flow.KindWhile:
		b.env = check.Within(b.env, []check.In{{Step: s, Block: "steps"}})
		n.cond = b.cond(s.While.Cond)
	case flow.KindWait:
		n.wait = b.value(s.Wait.For)
		if s.Wait.Until != nil {
			n.wait = b.value(s.Wait.Until)
		}
		if s.Wait.Reply != nil {
			n.reply = b.value(s.Wait.Reply.To)
		}
		if s.Wait.Event != nil {
			n.key = b.value(s.Wait.Event.Key)
		}
	case flow.KindCall:
		n.with = b.value(s.Call.With)
	case flow.KindEmit:
		n.key, n.data = b.value(s.Emit.Key), b.value(s.Emit.Data)
	case flow.KindThrottle:
		n.key = b.value(s.Throttle.By)
	case flow.KindDedupe:
		n.key = b.value(s.Dedupe.Key)
	case flow.KindDigest:
		n.key, n.list = b.value(s.Digest.Per), b.value(s.Digest.Item)
		if s.Digest.Items != nil {
			n.list = b.value(s.Digest.Items)
		}
	case flow.KindSet:
		for _, a := range s.Set {
			n.assigns = append(n.assigns, assign{a.Name, b.value(a.Value)})
		}
	}
}

func (b *builder) cond(c *flow.Cond) *expr.Expr {
	if c == nil {
		return nil
	}
	return b.expr(c.Source, c.Pos)
}

func (b *builder) expr(source string, pos engine.Pos) *expr.Expr {
	x, err := expr.Compile(source, b.env)
	if err != nil {
		p := engine.Problem{Severity: engine.SevError, Pos: pos, Msg: "this expression cannot be compiled"}
		var se *expr.SourceError
		if errors.As(err, &se) {
			p.Msg, p.Args, p.Hint = se.Err.Msg, se.Err.Args, se.Err.Hint
		}
		b.report(p)
		return nil
	}
	return x
}
