package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/engine"
)

type hookSend struct {
	Path  string `arg:"" help:"The flow's path, after /hooks/."`
	File  string `short:"f" required:"" help:"The body; - is standard input." placeholder:"FILE"`
	Event string `help:"Kind of event, for senders that name it in a header: issues." placeholder:"NAME"`
	ID    string `name:"id" help:"Delivery id; a new one when left out." placeholder:"ID"`
	Times int    `help:"Send the same delivery so many times, some at once." default:"1"`
	JSON  bool   `name:"json" help:"Print JSON."`
}

// sendAtOnce is how many deliveries are under way at the same time.
const sendAtOnce = 8

type hookAnswer struct {
	Status int    `json:"status"`
	Result string `json:"result"`
	Run    int64  `json:"run,omitempty"`
	Reason string `json:"reason,omitempty"`
}

func (c *hookSend) Run(e *env) error {
	if c.Times < 1 || c.Times > 100000 {
		return usage{engine.E(engine.Invalid, "--times is from 1 to 100000")}
	}
	body, err := e.readFile(c.File)
	if err != nil {
		return err
	}
	if c.ID == "" {
		c.ID = engine.NewID(time.Now())
	}
	var req control.HookOut
	if err := e.client.Do(e.ctx, "hook.sign", control.HookIn{Path: c.Path, Event: c.Event, ID: c.ID, Body: body}, &req); err != nil {
		return err
	}
	answers, err := c.send(e, req, body)
	if err != nil {
		return err
	}
	bad := false
	for _, a := range answers {
		bad = bad || a.Status >= 300
		if !c.JSON {
			line := a.Reason
			if line != "" {
				line = ": " + line
			}
			e.say("%d %s%s%s", a.Status, a.Result, runText(a.Run), line)
		}
	}
	if c.JSON {
		if err := e.json(answers); err != nil {
			return err
		}
	}
	if bad {
		return errTold
	}
	return nil
}

// send posts the delivery as often as asked and gives the answers.
func (c *hookSend) send(e *env, req control.HookOut, body []byte) ([]hookAnswer, error) {
	client := &http.Client{Timeout: 30 * time.Second}
	answers, errs := make([]hookAnswer, c.Times), make([]error, c.Times)
	turns := make(chan int)
	var wg sync.WaitGroup
	for range min(sendAtOnce, c.Times) {
		wg.Go(func() {
			for i := range turns {
				answers[i], errs[i] = post(e, client, req, body)
			}
		})
	}
	for i := range c.Times {
		turns <- i
	}
	close(turns)
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return answers, nil
}

func post(e *env, client *http.Client, req control.HookOut, body []byte) (hookAnswer, error) {
	away := func(err error) (hookAnswer, error) {
		return hookAnswer{}, engine.E(engine.Unavailable, "the webhook listener at {url} did not answer", "url", req.URL).Wrap(err)
	}
	r, err := http.NewRequestWithContext(e.ctx, http.MethodPost, req.URL, bytes.NewReader(body))
	if err != nil {
		return away(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if !json.Valid(body) && bytes.Contains(body, []byte("=")) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range req.Headers {
		r.Header.Set(name, value)
	}
	resp, err := client.Do(r)
	if err != nil {
		return away(err)
	}
	defer func() { _ = resp.Body.Close() }()
	a := hookAnswer{}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(&a); err != nil {
		return away(err)
	}
	a.Status = resp.StatusCode
	return a, nil
}
