package discordtest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"

	discordgo "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/discord"
	"github.com/bretelle/bretelle/engine"
)

// Connect puts Discord's API between the bot and the client: what the surface that it returns posts and changes
// arrives there, and so do the answers to what the person does, one for each interaction.
func (c *Client) Connect() *discord.Surface {
	srv := httptest.NewServer(http.HandlerFunc(c.api))
	c.T.Cleanup(srv.Close)
	s, err := discord.New(discord.Options{Token: engine.NewSecret("test"), APIURL: srv.URL + "/api/v9/"})
	if err != nil {
		c.T.Fatal(err)
	}
	c.surface, c.answers = s, map[string]map[string]any{}
	return s
}

// sent is the answer to an interaction as it arrived.
func (c *Client) sent(in bot.In, r *discordgo.InteractionResponse, token string) map[string]any {
	c.T.Helper()
	if err := c.surface.Answer(c.T.Context(), in, r); err != nil {
		c.T.Fatal(err)
	}
	c.mu.Lock()
	a := c.answers[token]
	c.mu.Unlock()
	if a == nil {
		c.T.Fatal("the interaction was not answered")
	}
	if c.Check != nil {
		c.Check(a)
	}
	return a
}

// api is the part of Discord's API that conversations use.
func (c *Client) api(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	body := map[string]any{}
	_ = json.NewDecoder(r.Body).Decode(&body) // an empty body is none
	parts := strings.Split(strings.Trim(strings.TrimPrefix(r.URL.Path, "/api/v9"), "/"), "/")
	fail := func(status int, code string) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"code":` + code + `,"message":"no"}`))
	}
	answer := func(v any) { _ = json.NewEncoder(w).Encode(v) }
	switch {
	case parts[0] == "users":
		answer(map[string]any{"id": direct, "type": 1})
	case parts[0] == "interactions" && len(parts) == 4:
		c.mu.Lock()
		_, twice := c.answers[parts[2]]
		c.answers[parts[2]] = body
		c.mu.Unlock()
		if twice { // docs, "Interaction has already been acknowledged"
			c.T.Error("an interaction is answered twice")
			fail(http.StatusBadRequest, "40060")
			return
		}
		w.WriteHeader(http.StatusNoContent)
	case parts[0] == "channels" && len(parts) == 3 && r.Method == http.MethodPost:
		c.mu.Lock()
		c.n++
		m := &message{id: snowflake(c.n), channel: parts[1], direct: parts[1] == direct, data: body}
		c.messages = append(c.messages, m)
		c.mu.Unlock()
		if c.Check != nil {
			c.Check(map[string]any{"type": 4.0, "data": map[string]any{"content": body["content"], "embeds": body["embeds"], "components": body["components"]}})
		}
		answer(map[string]any{"id": m.id, "channel_id": m.channel})
	case parts[0] == "channels" && len(parts) == 4 && r.Method == http.MethodPatch:
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, m := range c.messages {
			if m.channel == parts[1] && m.id == parts[3] {
				m.data = body
				answer(map[string]any{"id": m.id, "channel_id": m.channel})
				return
			}
		}
		fail(http.StatusNotFound, "10008")
	default:
		fail(http.StatusNotFound, "0")
	}
}

// direct is the channel of the direct messages with the bot.
const direct = "846462639134609999"
