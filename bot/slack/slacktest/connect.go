package slacktest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/engine"
)

// Connect puts Slack's Web API between the bot and the client: what the surface that it returns posts, changes and
// opens arrives there, and so do the calls that answer what the person does.
func (c *Client) Connect() *slack.Surface {
	srv := httptest.NewServer(http.HandlerFunc(c.api))
	c.T.Cleanup(srv.Close)
	s := slack.New(slack.Options{Token: engine.NewSecret("xoxb-test"), APIURL: srv.URL + "/api", Client: srv.Client()})
	c.via = func(ctx context.Context, call slack.Call, in bot.In) error { return s.Send(ctx, call, in.Place) }
	return s
}

// api is the part of the Web API that conversations use.
func (c *Client) api(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	out := map[string]any{"ok": true}
	fail := func(why string) { out = map[string]any{"ok": false, "error": why} }
	body := map[string]any{}
	if strings.Contains(r.Header.Get("Content-Type"), "json") {
		_ = json.NewDecoder(r.Body).Decode(&body) // what cannot be read lacks what is needed, which is said below
	} else if r.ParseForm() == nil {
		for k := range r.Form {
			body[k] = r.Form.Get(k)
		}
	}
	defer c.lock()()
	text := func(k string) string { s, _ := body[k].(string); return s }
	switch method := strings.TrimPrefix(r.URL.Path, "/api/"); method {
	case "auth.test":
		out["team_id"], out["user_id"], out["bot_id"] = c.Team, "U0BOT", "B0BOT"
	case "conversations.history", "conversations.replies":
		out["messages"] = []any{}
	case "conversations.open":
		out["channel"] = map[string]any{"id": "D" + text("users")}
	case "chat.postMessage", "chat.postEphemeral":
		m := map[string]any{"channel": text("channel"), "text": text("text"), "blocks": blocks(text("blocks"))}
		if ts := text("thread_ts"); ts != "" {
			m["thread_ts"] = ts
		}
		ts := c.post(m)
		out["channel"], out["ts"], out["message_ts"] = text("channel"), ts, ts
	case "chat.update":
		if !c.change(text("channel"), text("ts"), map[string]any{"channel": text("channel"), "text": text("text"), "blocks": blocks(text("blocks"))}) {
			fail("message_not_found")
		}
		out["channel"], out["ts"] = text("channel"), text("ts")
	case "views.open", "views.push":
		v, _ := body["view"].(map[string]any)
		switch why := c.used(text("trigger_id")); {
		case why != "":
			fail(why)
		case method == "views.open" && len(c.windows) > 0:
			c.T.Error("views.open while a window is open")
			fail("view_open")
		case len(c.windows) == 3:
			c.T.Error("three windows are open already")
			fail("push_limit_reached")
		default:
			c.push(v)
		}
	case "views.update":
		v, _ := body["view"].(map[string]any)
		if why := c.replace(text("view_id"), text("hash"), v); why != "" {
			c.T.Errorf("views.update: %s", why)
			fail(why)
		}
	default:
		fail("unknown_method")
	}
	_ = json.NewEncoder(w).Encode(out)
}

func blocks(text string) any {
	var out []any
	if json.Unmarshal([]byte(text), &out) != nil {
		return nil
	}
	return out
}

// change replaces a message that is there.
func (c *Client) change(channel, ts string, m map[string]any) bool {
	if c.Check != nil {
		c.Check("message", plain(c.T, m))
	}
	for _, x := range c.messages {
		if x.channel == channel && x.ts == ts {
			x.body = m
			return true
		}
	}
	return false
}

// replace puts a view into a window that is open; what is said is why it cannot.
func (c *Client) replace(id, hash string, v map[string]any) string {
	for _, w := range c.windows {
		switch {
		case w.id != id:
		case hash != "" && hash != w.hash:
			return "hash_conflict"
		default:
			c.show(w, v)
			return ""
		}
	}
	return "not_found"
}
