package console

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/bretelle/bretelle/bot"
)

// changes lists what changed in the channel and in the person's direct messages after a number, in order, and whether
// there may be more at once.
func (v *channelView) changes(ctx context.Context, after int64) (list []bot.Message, more bool, err error) {
	if list, err = v.c.o.Messages.ChangedSince(ctx, v.place, after, streamBatch); err != nil {
		return nil, false, err
	}
	mine := directPlace(v.seat.person.ID)
	if mine == v.place {
		return list, len(list) == streamBatch, nil
	}
	beside, err := v.c.o.Messages.ChangedSince(ctx, mine, after, streamBatch)
	if err != nil {
		return nil, false, err
	}
	last := int64(-1) // where a list was cut: what follows in the other one has to wait for its rest
	for _, l := range [][]bot.Message{list, beside} {
		if len(l) == streamBatch && (last < 0 || l[len(l)-1].Change < last) {
			last = l[len(l)-1].Change
		}
	}
	list = append(list, beside...)
	slices.SortFunc(list, func(a, b bot.Message) int { return int(a.Change - b.Change) })
	if last < 0 {
		return list, false, nil
	}
	return slices.DeleteFunc(list, func(m bot.Message) bool { return m.Change > last }), true, nil
}

// send writes what changed after a number and moves the number on; more tells that there may be more at once.
func (c *Console) send(w http.ResponseWriter, r *http.Request, v *channelView, after *int64) (more bool, err error) {
	list, more, err := v.changes(r.Context(), *after)
	if err != nil {
		return false, err
	}
	for _, m := range list {
		*after = m.Change
		if m.For != "" && m.For != v.seat.person.ID {
			continue
		}
		u, err := v.update(r.Context(), m)
		if err != nil {
			return false, err
		}
		b, err := json.Marshal(u)
		if err != nil {
			return false, err
		}
		if _, err := fmt.Fprintf(w, "id: %d\ndata: %s\n\n", m.Change, b); err != nil {
			return false, err
		}
	}
	return more, nil
}

// update is a message as the page takes it in: of the direct messages, a draft for the side panel, or only that there
// is something.
func (v *channelView) update(ctx context.Context, m bot.Message) (update, error) {
	u := update{ID: m.ID, Thread: m.Thread, At: m.At}
	if m.Place.Channel != v.place.Channel {
		u.Direct = true
		if d, ok := v.draftOf(m); ok {
			u.ID, u.Draft, u.Name, u.Open, u.HTML = d.ID, d.Key, d.Name, d.Open, string(d.HTML)
		}
		return u, nil
	}
	html, err := v.message(ctx, m)
	u.HTML = html
	return u, err
}
