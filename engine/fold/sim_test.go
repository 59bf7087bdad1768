package fold_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/fold"
)

var (
	simSeeds = flag.Int("seeds", 4000, "how many runs the simulation plays")
	simFrom  = flag.Uint64("seed", 1, "the first seed")
)

// TestSimulation plays random flows against a random world: outcomes in any order, duplicates, signals early and
// late, crashes with the state written and read again. What must hold is written at each check in world_test.go.
func TestSimulation(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // runs are small and short-lived
	workers := runtime.GOMAXPROCS(0)
	tallies := make([]map[string]int, workers)
	var wg sync.WaitGroup
	for w := range workers {
		tallies[w] = map[string]int{}
		wg.Go(func() { simulate(t, w, workers, tallies[w]) })
	}
	wg.Wait()
	seen := map[string]int{}
	for _, tally := range tallies {
		for k, n := range tally {
			seen[k] += n
		}
	}
	// A simulation that never reaches a case proves nothing about it.
	for _, what := range []string{
		"done", "stopped", "cancelled", "failed", "crash", "lost", "duplicate", "early vote", "late click", "old plan", "edit",
		"denied", "expired", "unknown", "happened", "again", "fixed", "retried", "gate", "probe", "garbled", "lapsed", "asked again", "queued",
		"choice", "form", "bad answer", "early answer", "reply", "no reply", "round", "case", "caught", "finally", "collected",
		"cut short", "cancelled ask", "loser finishes", "branch lost", "rounds at once", "round failed", "went on too long",
		"call done", "call queued", "call cancelled", "call stopped", "told", "rescued", "took too long", "gate granted", "gate refused",
		"throttled", "seen before", "digest out", "digest joined", "undone", "cannot be undone",
	} {
		if seen[what] == 0 && *simSeeds >= 4000 {
			t.Errorf("no run met %q", what)
		}
	}
	t.Logf("%d runs: %v", *simSeeds, seen)
}

// simulate plays every step-th block of seeds, each block with a flow of its own.
func simulate(t *testing.T, first, step int, seen map[string]int) {
	const runsPerFlow = 50
	for block := first; block*runsPerFlow < *simSeeds && !t.Failed(); block += step {
		base := *simFrom + uint64(block*runsPerFlow)
		p, text := randomProgram(t, rand.New(rand.NewPCG(base, 11)))
		if p == nil {
			return
		}
		for i := range min(runsPerFlow, *simSeeds-block*runsPerFlow) {
			w := newWorld(p, rand.New(rand.NewPCG(base+uint64(i), 7)), seen)
			if err := w.play(); err != nil {
				t.Errorf("seed %d: %v\n%s\n%s", base+uint64(i), err, text, w.story())
				return
			}
		}
	}
}

// randomProgram writes a flow and compiles it.
func randomProgram(t *testing.T, rnd *rand.Rand) (*fold.Program, string) {
	t.Helper()
	g := &writer{rnd: rnd}
	g.b.WriteString("flow: sim\nchannel: '#sim'\ntrigger:\n  on: test.fired\n" + g.limits() + "steps:\n")
	g.line("  ", "- id: %s", g.id("s"))
	g.line("  ", "  set: {v0: 0, v1: \"{{ event.n }}\", v2: text}")
	g.steps("  ", 2+rnd.IntN(4), 0)
	text := g.b.String()
	f, problems := flow.Parse([]byte(text))
	if problems.Bad() {
		t.Errorf("%s\n%s", problems, text)
		return nil, text
	}
	p, problems := fold.Compile(f, newCatalog())
	if problems.Bad() {
		t.Errorf("%s\n%s", problems, text)
		return nil, text
	}
	return p, text
}

// writer writes random flows that are right.
type writer struct {
	rnd  *rand.Rand
	b    strings.Builder
	n    int
	done []string // ids of steps that certainly ran before
}

func (g *writer) id(kind string) string {
	g.n++
	return fmt.Sprintf("%s%d", kind, g.n)
}

func (g *writer) line(indent, format string, args ...any) {
	g.b.WriteString(indent)
	fmt.Fprintf(&g.b, format, args...)
	g.b.WriteByte('\n')
}

func (g *writer) steps(indent string, n, depth int) {
	for range n {
		switch k := g.rnd.IntN(24); {
		case k > 20:
			g.others(indent, depth)
		case k > 17 && k < 20 && depth < 2:
			g.parallel(indent, depth)
		case k == 20 && depth < 2:
			g.while(indent, depth)
		case k == 12:
			g.question(indent)
		case k == 13 && depth < 2:
			g.switched(indent, depth)
		case k == 14 && depth < 2:
			g.each(indent, depth)
		case k > 14 && k < 17 && depth < 3:
			g.try(indent, depth)
		case k == 17:
			from := []string{"", ", from: '@one'"}[g.rnd.IntN(2)]
			g.line(indent, "- id: %s", g.id("r"))
			g.line(indent, "  wait: {reply: {to: \"m{{ event.n }}\"%s}, for: 1h}", from)
		case k < 5:
			g.call(indent, depth == 0)
		case k < 8:
			g.ask(indent, depth == 0)
		case k == 8:
			g.line(indent, "- id: %s", g.id("s"))
			g.line(indent, "  set: {v%d: \"{{ event.n + %d }}\"}", g.rnd.IntN(3), g.rnd.IntN(9))
		case k == 9:
			g.line(indent, "- id: %s", g.id("w"))
			g.line(indent, "  wait: {for: %dm}", 1+g.rnd.IntN(90))
		case k == 10 && depth < 2:
			g.line(indent, "- id: %s", g.id("i"))
			g.line(indent, "  if: \"{{ event.n > %d }}\"", g.rnd.IntN(10))
			g.line(indent, "  then:")
			g.steps(indent+"    ", 1+g.rnd.IntN(2), depth+1)
			if g.rnd.IntN(2) == 0 {
				g.line(indent, "  else:")
				g.steps(indent+"    ", 1+g.rnd.IntN(2), depth+1)
			}
		case k == 11 && depth > 0 && g.rnd.IntN(4) == 0:
			g.line(indent, "- id: %s", g.id("z"))
			g.line(indent, "  stop: enough")
			return
		default:
			g.call(indent, depth == 0)
		}
	}
}

func (g *writer) question(indent string) {
	g.line(indent, "- id: %s", g.id("q"))
	by := `{any: ["@one"]}`
	if g.rnd.IntN(2) == 0 {
		g.line(indent, "  ask: choice")
		options := []string{"[a, b, c]", `"{{ ['b', 'c'] }}"`, `"{{ split('a,b', ',') }}"`}[g.rnd.IntN(3)]
		g.line(indent, "  with: {title: Which?, options: %s, by: %s}", options, by)
	} else {
		g.line(indent, "  ask: form")
		g.line(indent, "  with: {title: What?, by: %s, fields: [{name: n, type: number, required: true}, {name: why, default: \"{{ event.n }}\"}]}", by)
	}
	if g.rnd.IntN(2) == 0 {
		g.line(indent, "  expire: {after: 2h, then: %s}", []string{"stop", "skip"}[g.rnd.IntN(2)])
	}
}

func (g *writer) switched(indent string, depth int) {
	g.line(indent, "- id: %s", g.id("k"))
	g.line(indent, "  switch: \"{{ event.n %% 3 }}\"")
	g.line(indent, "  cases:")
	g.line(indent, "    - is: [0, 7]")
	g.line(indent, "      steps:")
	g.steps(indent+"        ", 1+g.rnd.IntN(2), depth+1)
	g.line(indent, "    - {is: 1, steps: []}")
	if g.rnd.IntN(2) == 0 {
		g.line(indent, "  else:")
		g.steps(indent+"    ", 1, depth+1)
	}
}

func (g *writer) each(indent string, depth int) {
	id := g.id("e")
	g.line(indent, "- id: %s", id)
	how := []string{"", "", ", parallel: 2", ", parallel: 3", ", parallel: 2, batch: 2"}[g.rnd.IntN(5)] +
		[]string{"", ", on_failure: continue", ", on_failure: {most: 1}"}[g.rnd.IntN(3)]
	g.line(indent, "  each: {list: \"{{ %s }}\"%s}", []string{"1..(event.n % 5)", "[event.n, 2]", "event.missing"}[g.rnd.IntN(3)], how)
	g.late(indent)
	g.rescue(indent, depth)
	g.line(indent, "  steps:")
	g.steps(indent+"    ", 1+g.rnd.IntN(2), depth+1)
	g.line(indent, "    - {id: %s, set: {v1: \"{{ index }}\", it: \"{{ item }}\"}}", g.id("s"))
	if depth == 0 {
		g.line(indent, "- {id: %s, set: {all: \"{{ steps.%s.results }}\"}, on_error: continue}", g.id("l"), id)
	}
}

// while writes a loop that ends by its condition, or runs into its bound.
func (g *writer) while(indent string, depth int) {
	id := g.id("h")
	cond := []string{"index < event.n % 4", "(page.n ?? 0) < 2", "page.n == nil || event.n > 7"}[g.rnd.IntN(3)]
	g.line(indent, "- id: %s", id)
	g.line(indent, "  while: {cond: \"{{ %s }}\", most: %d, as: page}", cond, 1+g.rnd.IntN(3))
	g.late(indent)
	g.rescue(indent, depth)
	g.line(indent, "  steps:")
	g.steps(indent+"    ", 1, depth+1)
	g.line(indent, "    - {id: %s, set: {n: \"{{ index + (page.n ?? 0) }}\"}}", g.id("s"))
	if depth == 0 {
		g.line(indent, "- {id: %s, set: {all: \"{{ steps.%s.results ?? [] }}\"}, on_error: continue}", g.id("l"), id)
	}
}

func (g *writer) parallel(indent string, depth int) {
	id := g.id("p")
	branches := 2 + g.rnd.IntN(2)
	g.line(indent, "- id: %s", id)
	g.line(indent, "  parallel:")
	g.line(indent, "    join: %s", []string{"all", "any", "2"}[g.rnd.IntN(3)])
	g.line(indent, "    losers: %s", []string{"cancel", "finish"}[g.rnd.IntN(2)])
	g.line(indent, "    branches:")
	for i := range branches {
		g.line(indent, "      b%d:", i)
		g.steps(indent+"        ", 1+g.rnd.IntN(2), depth+1)
	}
	g.late(indent)
	if g.rnd.IntN(3) == 0 {
		g.line(indent, "  on_error: %s", []string{"continue", "stop"}[g.rnd.IntN(2)])
	} else {
		g.rescue(indent, depth)
	}
	g.line(indent, "- {id: %s, set: {who: \"{{ steps.%s }}\", first: \"{{ steps.%s.done }}\"}, on_error: continue}", g.id("l"), id, id)
}

func (g *writer) try(indent string, depth int) {
	g.line(indent, "- id: %s", g.id("t"))
	g.line(indent, "  try:")
	g.steps(indent+"    ", 1+g.rnd.IntN(2), depth+1)
	part := g.rnd.IntN(3)
	if part != 0 {
		g.line(indent, "  catch:")
		g.line(indent, "    - {id: %s, set: {caught: \"{{ error.code }}\"}}", g.id("x"))
		g.steps(indent+"    ", 1, depth+1)
	}
	if part != 1 {
		g.line(indent, "  finally:")
		g.line(indent, "    - {id: %s, set: {v2: clean}}", g.id("f"))
		g.steps(indent+"    ", 1, depth+1)
	}
}

var tempers = []string{"t.read", "t.put", "t.write", "t.write", "t.probed", "t.send", "t.destroy"}

// call writes an action; its input may use the answer of an earlier step, the event, or a fault on purpose.
func (g *writer) call(indent string, certain bool) string {
	id := g.id("c")
	x := []string{"plain", "{{ event.n }}", "n is {{ event.n }}", "{{ vars.v1 ?? 0 }}"}[g.rnd.IntN(4)]
	if len(g.done) > 0 && g.rnd.IntN(2) == 0 {
		x = fmt.Sprintf("after {{ steps.%s.answer ?? 'none' }}", g.done[g.rnd.IntN(len(g.done))])
	}
	if g.rnd.IntN(25) == 0 {
		x = "{{ event.missing + 1 }}"
	}
	g.line(indent, "- id: %s", id)
	g.line(indent, "  do: %s", tempers[g.rnd.IntN(len(tempers))])
	g.line(indent, "  with: {x: %q}", x)
	if g.rnd.IntN(6) == 0 {
		g.line(indent, "  when: \"{{ event.n != %d }}\"", g.rnd.IntN(10))
	}
	if g.rnd.IntN(3) == 0 {
		g.line(indent, "  retry: {max: %d}", 1+g.rnd.IntN(3))
	}
	if g.rnd.IntN(4) == 0 {
		g.line(indent, "  on_error: %s", []string{"continue", "stop", "ask", "retry"}[g.rnd.IntN(4)])
	} else if !certain {
		g.rescue(indent, 2)
	}
	if g.rnd.IntN(8) == 0 {
		g.line(indent, "  undo: {do: %s, with: {x: \"{{ result.answer ?? input.x }}\"}}", []string{"t.put", "t.destroy", "t.write"}[g.rnd.IntN(3)])
	}
	if certain {
		g.done = append(g.done, id)
	}
	return id
}

// ask writes an approval of the one or two actions that follow it.
func (g *writer) ask(indent string, certain bool) {
	id := g.id("a")
	cover := g.rnd.IntN(3)
	var ids []string
	for i := range cover {
		ids = append(ids, fmt.Sprintf("c%d", g.n+1+i))
	}
	g.line(indent, "- id: %s", id)
	g.line(indent, "  ask: approval")
	edit := ""
	if cover > 0 {
		g.line(indent, "  covers: [%s]", strings.Join(ids, ", "))
		if g.rnd.IntN(2) == 0 {
			edit = fmt.Sprintf(", edit: [%s.x]", ids[0])
		}
	}
	by := []string{
		`{any: ["@one"], need: 1}`, `{any: ["@one", "@two"], need: 2}`, `{all: ["@one", "@two"], need: 1}`,
	}[g.rnd.IntN(3)]
	not := []string{"", ", not: [requester]", ", not: [requester, editor]"}[g.rnd.IntN(3)]
	g.line(indent, "  with: {title: \"Go {{ event.n }}?\", by: %s%s%s}", by, edit, not)
	if g.rnd.IntN(2) == 0 {
		g.line(indent, "  expire: {after: 2h, then: %s}", []string{"stop", "deny"}[g.rnd.IntN(2)])
	}
	if g.rnd.IntN(3) == 0 {
		g.line(indent, "  remind: 30m")
	}
	for range cover {
		g.call(indent, certain)
	}
}

// TestReplayIsExact replays one long run and changes a byte of it.
func TestReplayIsExact(t *testing.T) {
	p, _ := randomProgram(t, rand.New(rand.NewPCG(3, 11)))
	w := newWorld(p, rand.New(rand.NewPCG(5, 7)), map[string]int{})
	if err := w.play(); err != nil {
		t.Fatal(err)
	}
	s, err := p.Replay(w.journal)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(s.Encode(), w.s.Encode()) {
		t.Error("replay gives another state")
	}
	for i, e := range w.journal {
		if e.Kind == engine.StepStarted {
			w.journal[i].Data = []byte(`{"x":"forged"}`)
			if _, err := p.Replay(w.journal); err == nil {
				t.Error("a forged journal replays")
			}
			return
		}
	}
	t.Error("the run has no started step: choose another seed")
}
