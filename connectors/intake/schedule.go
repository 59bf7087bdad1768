package intake

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/bretelle/bretelle/connectors/schedule"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/calendar"
	"github.com/bretelle/bretelle/engine/flows"
)

// Schedules ticks (schedule.tick). What is due follows from the clock and the cursor alone, so that restarts, pauses and
// clocks that are set lose nothing; the tick's scheduled time is its key, so that nothing comes twice.
//
//	cursor {until, last, spec} ──▶ ticks in (until, now] ──missed?──▶ Accept(ticks, cursor {now, …})
//
// A schedule that is new, or another one than the cursor's, begins now. A cursor ahead of the clock goes back to it:
// times that come again have their keys.
type Schedules struct {
	Loop
	wake chan struct{}

	mu    sync.Mutex
	known map[string]standing // by trigger id
}

// standing is where a schedule stands, as stored.
type standing struct {
	Until int64  `json:"until"`          // times up to here are dealt with
	Last  int64  `json:"last,omitempty"` // scheduled time of the last tick that was offered; 0 for none
	Spec  string `json:"spec"`           // of the schedule
}

// NewSchedules makes the loop. It does nothing until Run.
func NewSchedules(l Loop) *Schedules {
	l.defaults()
	return &Schedules{Loop: l, wake: make(chan struct{}, 1), known: map[string]standing{}}
}

// late is how long after its time a tick still counts as on time: a loop naps, and a machine can be busy.
const late = 2 * time.Minute

// Wake has the flows looked at again soon: one was published, paused or resumed.
func (s *Schedules) Wake() { poke(s.wake) }

// Run ticks until ctx ends.
func (s *Schedules) Run(ctx context.Context) { s.turn(ctx, s.wake, s.Pass) }

// Pass offers what is due now and says when the next tick is; zero when there is none.
func (s *Schedules) Pass(ctx context.Context) time.Time {
	var next time.Time
	for _, t := range s.Flows.Triggers(schedule.Tick) {
		if t.State != engine.FlowLive || t.Program == nil { // a paused one makes up afterwards, as it says
			continue
		}
		plan, bad := calendar.Parse(t.With, t.Program.Flow.Timezone)
		if bad != nil {
			continue // check refuses it; a version of another program's may have it all the same
		}
		if err := s.tick(ctx, t, plan); err != nil {
			if engine.CodeOf(err) != engine.NotFound { // gone meanwhile
				s.Log.Warn("a schedule could not tick, trying again", "flow", t.Flow, "err", err)
			}
			next = soonest(next, s.Now().Add(badNap))
			continue
		}
		next = soonest(next, plan.Next(s.Now()))
	}
	return next
}

// Missed is how many schedules have times behind them that will be made up: for people, after the bot was off. What
// cannot be read counts as none.
func (s *Schedules) Missed(ctx context.Context) (n int) {
	for _, t := range s.Flows.Triggers(schedule.Tick) {
		if t.State != engine.FlowLive || t.Program == nil {
			continue
		}
		plan, bad := calendar.Parse(t.With, t.Program.Flow.Timezone)
		at, ok, err := s.standing(ctx, t.ID)
		if bad != nil || !ok || err != nil || at.Spec != plan.Spec() {
			continue
		}
		if items, _, _ := due(plan, at, s.Now(), missedOf(t.With)); len(items) > 0 && items[0].Data["missed"] == true {
			n++
		}
	}
	return n
}

func (s *Schedules) tick(ctx context.Context, t flows.Trigger, plan *calendar.Schedule) error {
	now := s.Now()
	at, ok, err := s.standing(ctx, t.ID)
	if err != nil {
		return err
	}
	moved := false
	switch {
	case !ok || at.Spec != plan.Spec():
		at, moved = standing{Until: engine.Millis(now), Last: at.Last, Spec: plan.Spec()}, true
	case at.Until > engine.Millis(now)+late.Milliseconds(): // the clock was set back
		at.Until, moved = engine.Millis(now), true
	}
	items, until, last := due(plan, at, now, missedOf(t.With))
	if len(items) == 0 && !moved && until == at.Until {
		return nil
	}
	at.Until = until
	if last != 0 {
		at.Last = last
	}
	cursor, err := json.Marshal(at)
	if err != nil {
		return err
	}
	if _, err := s.Intake.Accept(ctx, engine.Batch{Trigger: t.ID, Items: items, Cursor: cursor, From: "schedule"}); err != nil {
		return err
	}
	s.mu.Lock()
	s.known[t.ID] = at
	s.mu.Unlock()
	return nil
}

// due lists the ticks to offer, oldest first, with where the schedule stands after them.
func due(plan *calendar.Schedule, at standing, now time.Time, missed string) (items []engine.Item, until, last int64) {
	ticks := plan.Between(engine.Time(at.Until), now, schedule.MostMissed)
	if len(ticks) == 0 {
		return nil, at.Until, 0
	}
	behind := 0 // of the ticks, how many were missed
	for behind < len(ticks) && now.Sub(ticks[behind]) > late {
		behind++
	}
	from := 0
	switch missed {
	case schedule.MissedSkip:
		from = behind
	case schedule.MissedAll:
	default:
		from = max(behind-1, 0)
	}
	previous := time.Time{}
	if last = at.Last; last != 0 {
		previous = engine.Time(last)
	}
	for i, tick := range ticks[from:] {
		items = append(items, engine.Item{Key: schedule.Key(tick), Data: schedule.Data(tick, previous, from+i < behind)})
		previous, last = tick, engine.Millis(tick)
	}
	return items, engine.Millis(ticks[len(ticks)-1]), last
}

func missedOf(with map[string]any) string {
	m, _ := with["missed"].(string)
	return m
}

// standing reads the cursor, which only this loop changes.
func (s *Schedules) standing(ctx context.Context, trigger string) (at standing, ok bool, err error) {
	s.mu.Lock()
	at, ok = s.known[trigger]
	s.mu.Unlock()
	if ok {
		return at, true, nil
	}
	b, err := s.Cursors.Cursor(ctx, trigger)
	if err != nil || b == nil {
		return at, false, err
	}
	if json.Unmarshal(b, &at) != nil {
		return standing{}, false, nil // not ours: it begins anew
	}
	return at, true, nil
}
