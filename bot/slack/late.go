package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// overdue is a call of a delivery that a crash left behind: its trigger is dead, and nobody waits in the channel any
// more. A dialog becomes the message that offers it, a private answer goes where the person finds it.
func (c Call) overdue(in bot.In) *Call {
	if c.Trigger != "" && c.Late != nil {
		c = Call{Method: "chat.postEphemeral", Message: c.Late}
	}
	if c.Message != nil && c.Message.User != "" {
		c.Back, c.Direct = in.Back, true
	}
	return &c
}

// Send makes the call of an Answer. A dialog whose trigger is dead becomes the private message that offers it again. A
// private message goes back the way its delivery came, where that is known: it arrives in channels that the bot is not
// in. Without one it is shown in the channel, and in the direct messages when the bot is not there. Errors are those of
// Post; Invalid when a window came too late or is closed, Conflict when it has changed since.
func (s *Surface) Send(ctx context.Context, c Call, p engine.Place) error {
	if c.Back != "" && c.Message != nil && s.postBack(ctx, c.Back, c.Message) == nil {
		return nil // this needs no token, and reaches people of workspaces that the bot is not installed in
	}
	api, err := s.web(ctx, p.Workspace)
	if err != nil {
		return err
	}
	switch {
	case c.Home != nil:
		_, err = api.PublishViewContext(ctx, slackgo.PublishViewContextRequest{UserID: c.User, View: *c.Home})
	case c.View != nil && c.Method == "views.update":
		_, err = api.UpdateViewContext(ctx, *c.View, "", c.Hash, c.ViewID)
	case c.View != nil && c.Method == "views.push":
		_, err = api.PushViewContext(ctx, c.Trigger, *c.View)
	case c.View != nil:
		_, err = api.OpenViewContext(ctx, c.Trigger, *c.View)
	case c.Message != nil && c.Message.User != "":
		return s.tell(ctx, api, c, p)
	case c.Message != nil:
		return s.share(ctx, p, c.Message)
	}
	if err == nil {
		return nil
	}
	if why := problem(err, p); c.Late == nil || !tooLate(err) {
		return why
	}
	return s.Send(ctx, Call{Message: c.Late, Back: c.Back, Direct: c.Direct}, p)
}

// tell shows a message to one person.
func (s *Surface) tell(ctx context.Context, api *slackgo.Client, c Call, p engine.Place) error {
	if !c.Direct {
		_, err := api.PostEphemeralContext(ctx, c.Message.Channel, c.Message.User, c.Message.options()...)
		if err == nil || !elsewhere(err) {
			return problemOf(err, p)
		}
	}
	m := *c.Message
	m.Channel, m.Thread, m.User = c.Message.User, "", ""
	_, _, err := api.PostMessageContext(ctx, m.Channel, m.options()...)
	return problemOf(err, p)
}

func problemOf(err error, p engine.Place) error {
	if err == nil {
		return nil
	}
	return problem(err, p)
}

// elsewhere reports whether somebody cannot be shown a message in that channel.
func elsewhere(err error) bool {
	var said slackgo.SlackErrorResponse
	if !errors.As(err, &said) {
		return false
	}
	switch said.Err {
	case "not_in_channel", "channel_not_found", "user_not_in_channel", "is_archived", "restricted_action":
		return true
	}
	return false
}

// backWait is how long a response_url is waited for.
const backWait = 10 * time.Second

// postBack shows a message by a response_url, which is good for 30 minutes and five messages. An error says nothing of
// the address, which is as good as a token.
func (s *Surface) postBack(ctx context.Context, back string, m *Post) error {
	gone := engine.E(engine.Unavailable, "Slack cannot be reached").WithOp("slack.back")
	if !s.in.trusts(back) {
		return gone
	}
	body, err := json.Marshal(struct {
		Kind    string          `json:"response_type"`
		Replace bool            `json:"replace_original"`
		Text    string          `json:"text"`
		Blocks  []slackgo.Block `json:"blocks,omitempty"`
		Thread  string          `json:"thread_ts,omitempty"`
	}{"ephemeral", false, m.Text, m.Blocks, m.Thread})
	if err != nil {
		return gone
	}
	ctx, cancel := context.WithTimeout(ctx, backWait)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, back, bytes.NewReader(body))
	if err != nil {
		return gone
	}
	r.Header.Set("Content-Type", "application/json")
	client := http.Client{CheckRedirect: stay}
	if own := s.in.o.Client; own != nil {
		client.Transport, client.Timeout = own.Transport, own.Timeout
	}
	resp, err := client.Do(r)
	if err != nil {
		return gone
	}
	_ = resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return gone
	}
	return nil
}

// trusts reports whether an address is Slack's, or in tests that of the Slack which is spoken to.
func (n *inbound) trusts(back string) bool {
	u, err := url.Parse(back)
	if err != nil {
		return false
	}
	if n.o.APIURL != "" {
		own, err := url.Parse(n.o.APIURL)
		if err == nil && u.Scheme == own.Scheme && u.Host == own.Host {
			return true
		}
	}
	return u.Scheme == "https" && (u.Host == "hooks.slack.com" || u.Host == "hooks.slack-gov.com")
}

// tooLate reports whether a dialog was not opened because more than three seconds had passed, or because the same
// trigger has opened one already.
func tooLate(err error) bool {
	var said slackgo.SlackErrorResponse
	if !errors.As(err, &said) {
		return false
	}
	switch said.Err {
	case "expired_trigger_id", "trigger_expired", "trigger_exchanged", "exchanged_trigger_id", "invalid_trigger_id":
		return true
	}
	return false
}
