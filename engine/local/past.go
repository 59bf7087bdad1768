package local

import (
	"context"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
)

// What a view reads of a journal besides the latest part of it.
const (
	pastPage  = 256 // heads at once
	pastPages = 16  // pages for all questions together: from which surface one was decided long ago
	pastSteps = 50  // steps of which it is looked up when they began
)

// past adds to a view what only the journal says: its history, when steps began, and from where questions were decided.
// last is the last entry that counts.
func (r *Runtime) past(ctx context.Context, view *engine.RunView, last int64) error {
	heads, err := r.heads(ctx, view.ID, last, engine.HistoryPage)
	if err != nil {
		return err
	}
	view.History, view.Earlier = briefs(heads), earlierThan(heads)
	if err := r.began(ctx, view, heads); err != nil {
		return err
	}
	pages := pastPages
	for i := range view.Asks {
		a := &view.Asks[i]
		if a.State != engine.CardDecided || a.DecidedBy == "" {
			continue
		}
		if a.Via = via(a, heads); a.Via != "" || view.Earlier == 0 {
			continue
		}
		if a.Via, err = r.viaOf(ctx, view.ID, a, view.Earlier, &pages); err != nil {
			return err
		}
	}
	return nil
}

// began says when the steps of a view began: what the latest part of the history says is right when that is the whole.
func (r *Runtime) began(ctx context.Context, view *engine.RunView, heads []engine.Entry) error {
	first := map[string]int64{}
	for _, e := range heads {
		if first[e.Path] == 0 {
			first[e.Path] = e.At
		}
	}
	left := pastSteps
	for i := range view.Steps {
		s := &view.Steps[i]
		switch {
		case view.Earlier == 0:
			s.BeganAt = first[s.Path]
		case s.BeganAt > 0:
		case s.Begun > view.Earlier || s.Begun == 0 || left == 0:
			if s.BeganAt = first[s.Path]; s.Begun <= view.Earlier && s.SentAt > 0 {
				s.BeganAt = s.SentAt
			}
		default:
			left--
			e, err := r.store.Heads(ctx, view.ID, s.Begun, 1)
			if err != nil {
				return err
			}
			if len(e) == 1 {
				s.BeganAt = e[0].At
			}
		}
	}
	return nil
}

// via is from which surface a question was decided: the last word of who decided it.
func via(a *engine.AskView, heads []engine.Entry) (found string) {
	for _, e := range heads {
		said := e.Kind == engine.AskVoted || e.Kind == engine.AskEdited || e.Kind == engine.AskAnswered
		if !said || e.Path != a.Path || e.By != a.DecidedBy || e.At > a.DecidedAt {
			continue
		}
		var head struct {
			Via string `json:"via"`
		}
		if json.Unmarshal(e.Head, &head) == nil && head.Via != "" {
			found = head.Via
		}
	}
	return found
}

// viaOf looks for it from where the question was opened to entry last, for as long as there are pages left.
func (r *Runtime) viaOf(ctx context.Context, run string, a *engine.AskView, last int64, pages *int) (string, error) {
	for from := max(a.Seq, 1); from <= last && *pages > 0; from += pastPage {
		*pages--
		heads, err := r.store.Heads(ctx, run, from, pastPage)
		if err != nil || len(heads) == 0 || heads[0].At > a.DecidedAt {
			return "", err
		}
		if found := via(a, heads); found != "" {
			return found, nil
		}
	}
	return "", nil
}
