package slack

import (
	"context"
	"strconv"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
)

// past finds cards that were posted although nobody here remembers it, so that one key makes one message:
//
//	a former life posted, and died before it stored where     ──▶ what stands in a channel is read once in this life,
//	                                                              before the first card of ours goes there
//	this life posted, and no answer came                      ──▶ the channel is read again before that key is
//
// Reading costs one call for each channel or thread and life, more only after an answer that did not come, and goes
// back a week, at most six hundred messages. What was found is used once: a key that is posted anew later on purpose,
// after its message was deleted, makes a message.
type past struct {
	now   func() time.Time
	looks *memo[bool] // channels that were read

	mu     sync.Mutex
	found  map[string]bot.Ref   // by place and key
	doubts map[string]time.Time // when the post began that had no answer, by place and key
}

func newPast(now func() time.Time) *past {
	return &past{now: now, looks: newMemo[bool](now, looksMost, 0), found: map[string]bot.Ref{}, doubts: map[string]time.Time{}}
}

const (
	looksMost      = 20_000
	foundMost      = 50_000
	unansweredMost = 5000
	lookBack       = 7 * 24 * time.Hour
	lookPages      = 3
	lookPage       = 200
	clocksMay      = 5 * time.Minute // be apart: ours and Slack's
)

// standing is where a post goes: a channel, or a thread in it.
func standing(w *workspace, p *Post) string { return w.id() + "/" + p.Channel + "/" + p.Thread }

// doubt notes that it is not known whether a post went through.
func (m *past) doubt(w *workspace, p *Post, since time.Time) {
	if p.Key == "" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if at := standing(w, p) + "\n" + p.Key; len(m.doubts) < unansweredMost && m.doubts[at].IsZero() {
		m.doubts[at] = since
	}
}

// find is the message that has the card's key already; "" for none. Errors are Slack's, and nothing may be posted then;
// where the bot may not read, nothing is found.
func (m *past) find(ctx context.Context, w *workspace, p *Post) (bot.Ref, error) {
	place := standing(w, p)
	key := place + "\n" + p.Key
	m.mu.Lock()
	since, doubted := m.doubts[key]
	m.mu.Unlock()
	if doubted {
		if err := m.read(ctx, w, p, since.Add(-clocksMay)); err != nil {
			return "", err
		}
	} else if _, err := m.looks.get(ctx, place, func(ctx context.Context) (bool, error) {
		return true, m.read(ctx, w, p, m.now().Add(-lookBack))
	}); err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	at := m.found[key]
	delete(m.found, key)
	delete(m.doubts, key)
	return at, nil
}

// read notes the cards of ours that stand in a place.
func (m *past) read(ctx context.Context, w *workspace, p *Post, oldest time.Time) error {
	place, cursor := standing(w, p), ""
	latest := m.now().Add(24 * time.Hour) // named, or Slack begins with the oldest ones, and what was posted last is not seen
	for range lookPages {
		list, next, err := m.page(ctx, w, p, cursor, oldest, latest)
		switch word(err) {
		case "missing_scope", "not_in_channel", "channel_not_found", "thread_not_found", "message_not_found", "invalid_ts_latest", "method_not_supported_for_channel_type", "is_archived":
			return nil // nothing can be read; what is wrong with posting is said by posting
		}
		if err != nil {
			return err
		}
		m.mu.Lock()
		for _, x := range list {
			if x.Metadata.EventType != cardEvent || x.BotID == "" {
				continue
			}
			key, _ := x.Metadata.EventPayload["key"].(string)
			if at := place + "\n" + key; key != "" && len(m.found) < foundMost && m.found[at] == "" { // the newest comes first
				m.found[at] = ref(p.Channel, x.Timestamp)
			}
		}
		m.mu.Unlock()
		if cursor = next; next == "" {
			return nil
		}
	}
	return nil
}

// page is one page of a channel, or of a thread.
func (m *past) page(ctx context.Context, w *workspace, p *Post, cursor string, oldest, latest time.Time) ([]slackgo.Message, string, error) {
	from, until := strconv.FormatInt(oldest.Unix(), 10)+".000000", strconv.FormatInt(latest.Unix(), 10)+".000000"
	if p.Thread != "" {
		list, _, next, err := w.api.GetConversationRepliesContext(ctx, &slackgo.GetConversationRepliesParameters{ChannelID: p.Channel, Timestamp: p.Thread,
			Cursor: cursor, Oldest: from, Limit: lookPage, IncludeAllMetadata: true})
		return list, next, err
	}
	out, err := w.api.GetConversationHistoryContext(ctx, &slackgo.GetConversationHistoryParameters{ChannelID: p.Channel, Cursor: cursor, Oldest: from, Latest: until,
		Limit: lookPage, IncludeAllMetadata: true})
	if err != nil {
		return nil, "", err
	}
	return out.Messages, out.ResponseMetaData.NextCursor, nil
}
