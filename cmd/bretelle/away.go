package main

import (
	"context"
	"strconv"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
)

// aliveSetting holds when the bot last knew itself to be running, in milliseconds.
const aliveSetting = "bot.alive"

const (
	pulse     = time.Minute     // how often that is written
	awayAfter = 3 * time.Minute // an absence that people hear of: longer than a restart and a missed pulse
	awayRuns  = 1000            // runs counted at most
)

// settingStore is what the pulse needs of storage.
type settingStore interface {
	Setting(ctx context.Context, key string) (string, error)
	SetSetting(ctx context.Context, key, value string) error
}

// away says what people should know of the time the bot was off; ok is false when that was too short to speak of, or
// nothing has ever run. It is asked before the runtime starts, while what goes on is still what was left.
func away(ctx context.Context, s settingStore, runs interface {
	Runs(ctx context.Context, q local.RunQuery) ([]engine.RunHead, error)
}, now time.Time) (d bot.AwayData, ok bool, err error) {
	text, err := s.Setting(ctx, aliveSetting)
	if err != nil {
		return d, false, err
	}
	last, err := strconv.ParseInt(text, 10, 64)
	if err != nil || now.Sub(engine.Time(last)) < awayAfter {
		return d, false, nil
	}
	any, err := runs.Runs(ctx, local.RunQuery{Limit: 1})
	if err != nil || len(any) == 0 {
		return d, false, err
	}
	d = bot.AwayData{From: last, To: engine.Millis(now)}
	going, err := runs.Runs(ctx, local.RunQuery{States: []engine.RunState{engine.RunQueued, engine.RunRunning}, Limit: awayRuns})
	if err != nil {
		return d, false, err
	}
	d.Continued = len(going)
	open, err := runs.Runs(ctx, local.RunQuery{States: []engine.RunState{engine.RunUnknown}, Limit: 10})
	if err != nil {
		return d, false, err
	}
	for _, r := range open {
		d.Open = append(d.Open, r.Number)
	}
	return d, true, nil
}

// returned tells the operator's channel that the bot was off.
func (s *serving) returned(ctx context.Context) error {
	d, ok, err := away(ctx, s.store, s.runtime, s.now())
	if err != nil || !ok {
		return err
	}
	d.Missed = s.loops.schedules.Missed(ctx)
	data, err := engine.EncodeJSON(d)
	if err != nil {
		return err
	}
	now := s.now()
	return s.raise(ctx, engine.Notice{ID: engine.NewID(now), At: engine.Millis(now), Kind: engine.NoticeAway,
		Topic: "away:" + strconv.FormatInt(d.To, 10), Data: data})
}

// beat keeps the time the bot was last running, until ctx ends.
func (s *serving) beat(ctx context.Context) {
	t := time.NewTicker(pulse)
	defer t.Stop()
	for {
		if err := s.store.SetSetting(context.WithoutCancel(ctx), aliveSetting, strconv.FormatInt(engine.Millis(s.now()), 10)); err != nil {
			s.log.Warn("the pulse could not be stored", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}
