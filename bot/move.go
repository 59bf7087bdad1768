package bot

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/describe"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
)

// moveMost is how many runs are moved at once; the others come with the next command.
const moveMost = 50

// moveData is Intent.Data of the button that moves runs.
type moveData struct {
	Runs []moveRun `json:"runs"`
}

// moveRun is a run as it stood when its move was shown.
type moveRun struct {
	Run    string `json:"run"`
	Number int64  `json:"number"`
	Seq    int64  `json:"seq"`
	Once   string `json:"once"`
}

// cmdMove shows which runs that wait on an older version can go on with the newest one, and what that changes.
func (b *Bot) cmdMove(ctx context.Context, c *call) (Reply, error) {
	h, err := b.head(ctx, c.caller, c.in, c.args["FLOW"], DeedPublish)
	if err != nil {
		return nil, err
	}
	if b.o.Mender == nil || h.Live == 0 {
		return nil, engine.E(engine.Invalid, "{flow} was never published", "flow", h.Name)
	}
	moves, more, err := Moves(ctx, b.o.Runs, b.o.Mender, h, c.args["#RUN"])
	if err != nil {
		return nil, err
	}
	facts := prompts.MoveFacts{Flow: h.Name, Version: h.Live, Runs: moves, More: more}
	d := moveData{}
	for _, m := range moves {
		if m.Problem != nil {
			continue
		}
		if len(d.Runs) == 0 {
			facts.Changes = b.versionChanges(ctx, h.Name, m.Old.Version, h.Live)
		}
		d.Runs = append(d.Runs, moveRun{Run: m.Old.ID, Number: m.Old.Number, Seq: m.Plan.Seq, Once: engine.NewID(b.o.Now())})
	}
	data, err := json.Marshal(d)
	if err != nil {
		return nil, engine.AsError(err).WithOp("bot.cmdMove")
	}
	card := prompts.MovePlan(b.private(c.caller, h.Place, nil), facts, verbs)
	card.Key = "move:" + h.Name
	return b.reply(ctx, c.caller, c.in, card.Key, &draft{card: card, means: Intent{Flow: h.Name, Data: data}})
}

// Moves are the runs of a flow that wait on an older version than the live one, each with what moving it would do or why it
// stays, and how many more there are than are moved at once. only, "#12", picks one; "" is all of them.
func Moves(ctx context.Context, runs Runs, mender Mender, h engine.FlowHead, only string) (moves []prompts.MoveRun, more int, err error) {
	waiting, err := runs.List(ctx, h.Name, []engine.RunState{engine.RunWaiting, engine.RunParked}, 1000)
	if err != nil {
		return nil, 0, err
	}
	for _, r := range waiting {
		if r.Version == h.Live || only != "" && strings.TrimPrefix(only, "#") != itoa(r.Number) {
			continue
		}
		if len(moves) == moveMost {
			more++
			continue
		}
		plan, err := mender.PlanAgain(ctx, engine.AgainAsk{Run: r.ID, Move: true})
		m := prompts.MoveRun{Old: r, Plan: plan}
		switch engine.CodeOf(err) {
		case "":
		case engine.Conflict, engine.NotFound, engine.Invalid:
			m.Problem = engine.AsError(err)
		default:
			return nil, 0, err
		}
		moves = append(moves, m)
	}
	return moves, more, nil
}

// versionChanges is what is different between two versions, in words; nil where that cannot be said.
func (b *Bot) versionChanges(ctx context.Context, name string, from, to int64) []engine.Text {
	if b.o.Catalog == nil {
		return nil
	}
	var both [2]*flow.Flow
	for i, v := range []int64{from, to} {
		source, err := b.o.Flows.Source(ctx, name, itoa(v))
		if err != nil {
			return nil
		}
		if both[i], _ = flow.Parse(source); both[i] == nil {
			return nil
		}
	}
	return describe.Changes(both[0], both[1], b.o.Catalog)
}

// pressMove moves the runs that were shown and still stand as they did; each moves whole or stays.
func (b *Bot) pressMove(ctx context.Context, p *press) (Reply, error) {
	h, err := b.head(ctx, p.caller, p.in, p.it.Flow, DeedPublish)
	if err != nil {
		return nil, err
	}
	var d moveData
	if b.o.Mender == nil || json.Unmarshal(p.it.Data, &d) != nil {
		return nil, stale()
	}
	var moved, stayed []string
	for _, r := range d.Runs {
		got, err := b.o.Mender.RunAgain(ctx, engine.AgainAsk{Run: r.Run, Move: true}, r.Seq, p.person.ID, r.Once)
		switch engine.CodeOf(err) {
		case "":
			moved = append(moved, "#"+itoa(r.Number)+" → #"+itoa(got.Number))
		case engine.Conflict, engine.NotFound, engine.Invalid:
			stayed = append(stayed, "#"+itoa(r.Number))
		default:
			b.note(ctx, p, "error_"+string(engine.CodeOf(err)))
			return nil, unsaved(err)
		}
	}
	b.note(ctx, p, "counted")
	b.Wake()
	pc := b.private(p.caller, h.Place, nil)
	if len(moved) == 0 && len(stayed) > 0 {
		return Private{prompts.Say(pc, "None moved: {stayed} went on meanwhile, so look again", "stayed", strings.Join(stayed, " "))}, nil
	}
	if len(stayed) > 0 {
		return Private{prompts.Say(pc, "{n} runs moved: {numbers}. These have moved on since and stay: {stayed}", "n", len(moved), "numbers", strings.Join(moved, ", "), "stayed", strings.Join(stayed, " "))}, nil
	}
	return Private{prompts.Say(pc, "{n} runs moved: {numbers}", "n", len(moved), "numbers", strings.Join(moved, ", "))}, nil
}
