package web

import (
	"context"
	"strings"
	"time"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// Limits of one request's own timeout.
const (
	defaultTimeout = 30 * time.Second
	maxTimeout     = 10 * time.Minute
)

// New is the connector.
func New() connectors.Connector {
	return connectors.Connector{
		Name:    "http",
		Title:   "HTTP",
		Doc:     "Calls any web address. Use it for services that have no connector of their own.",
		Actions: []connectors.Action{request().Action("http")},
	}
}

// Input is what http.request takes.
type Input struct {
	Method       string            `json:"method" title:"Method" required:"true" enum:"GET,HEAD,OPTIONS,POST,PUT,PATCH,DELETE" doc:"What to do there. GET, HEAD and OPTIONS only read."`
	URL          string            `json:"url" title:"Address" required:"true" format:"uri" example:"https://tracker.example.org/tickets" doc:"The whole address, https://host/path."`
	Query        map[string]any    `json:"query,omitempty" advanced:"true" title:"Query" doc:"Values added to the address after the question mark. A list gives a name several times."`
	Headers      map[string]string `json:"headers,omitempty" title:"Headers" doc:"Headers to send. Passwords and tokens belong into the account."`
	JSON         any               `json:"json,omitempty" title:"JSON" doc:"A value to send as JSON."`
	Form         map[string]any    `json:"form,omitempty" advanced:"true" title:"Form" doc:"Values to send as a web form does."`
	Body         string            `json:"body,omitempty" advanced:"true" title:"Text" format:"text" doc:"Text to send as it is."`
	Expect       any               `json:"expect,omitempty" advanced:"true" title:"Expected status" default:"2xx" doc:"Statuses that count as success: 2xx, or \"2xx,404\", or a list."`
	Timeout      string            `json:"timeout,omitempty" advanced:"true" title:"Timeout" format:"duration" doc:"How long to wait for the answer, at most 10m. Left out, it is the step's timeout, or 30s."`
	AllowPrivate bool              `json:"allow_private,omitempty" advanced:"true" title:"Private network" doc:"Allows an address inside your own network or on this machine."`
	RepeatSafe   bool              `json:"repeat_safe,omitempty" title:"Safe to repeat" doc:"Says that sending it twice does no more than sending it once. The header Idempotency-Key then goes along."`
	Account      string            `json:"account,omitempty" title:"Account" format:"secret" doc:"The stored credential to send. It goes to its own address only."`
}

// Output is what http.request gives.
type Output struct {
	Status  int               `json:"status" doc:"The status of the answer, 200 and the like."`
	Headers map[string]string `json:"headers" doc:"The headers of the answer, names in lower case."`
	Body    any               `json:"body" doc:"The answer: a value when it is JSON, else text."`
}

func request() connectors.Act[Input, Output] {
	return connectors.Act[Input, Output]{
		Name:        "request",
		Title:       "Call a web address",
		Doc:         "Sends one HTTP request and gives the answer. A status that is not expected is a failure. Private addresses are refused unless the step allows them.",
		Risk:        engine.Destroy,
		Idempotency: connectors.ByInput,
		Sample: Output{Status: 201, Headers: map[string]string{"content-type": "application/json"},
			Body: map[string]any{"id": "1042"}},
		Tests:    recorded(),
		Traits:   traits,
		Describe: describe,
		Run:      run,
	}
}

// traits is risk and repeatability by method (RFC 9110, 9.2). A method that is not known yet, or not one of ours,
// is the worst there is.
func traits(in map[string]any) engine.Traits {
	safe, _ := in["repeat_safe"].(bool)
	method, _ := in["method"].(string)
	switch method {
	case "GET", "HEAD", "OPTIONS":
		return engine.Traits{Risk: engine.Read, Repeat: true}
	case "PUT":
		return engine.Traits{Risk: engine.Write, Repeat: true}
	case "DELETE":
		return engine.Traits{Risk: engine.Destroy, Repeat: true}
	case "POST", "PATCH":
		return engine.Traits{Risk: engine.Write, Repeat: safe}
	}
	return engine.Traits{Risk: engine.Destroy, Repeat: safe}
}

// describe is "POST https://tracker.example.org/issues" and what is sent.
func describe(in map[string]any) (string, any) {
	rest := map[string]any{}
	said := map[string]string{"method": "HTTP", "url": "…"}
	var payload any
	_, known := in["url"].(string)
	for k, v := range in {
		text, isText := v.(string)
		switch _, inLine := said[k]; {
		case inLine && isText && text != "":
			said[k] = line(text)
		case k == "expect", k == "timeout", k == "repeat_safe", v == nil: // about the answer, not sent
		case k == "allow_private" && known: // the address is there to be seen
		case k == "json", k == "form", k == "body":
			payload = v
			rest[k] = v
		default:
			rest[k] = v
		}
	}
	head := said["method"] + " " + said["url"]
	switch {
	case len(rest) == 0:
		return head, nil
	case len(rest) == 1 && payload != nil:
		return head, payload
	}
	return head, rest
}

// line keeps an address on one line.
func line(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

func run(ctx context.Context, c *connectors.Call, in Input) (Output, error) {
	kind, body, err := payload(in)
	if err != nil {
		return Output{}, err
	}
	expect, err := expected(in.Expect)
	if err != nil {
		return Output{}, err
	}
	timeout, err := patience(ctx, in.Timeout)
	if err != nil {
		return Output{}, err
	}
	query, err := values(in.Query, "query")
	if err != nil {
		return Output{}, err
	}
	resp, err := c.HTTP(ctx, connectors.Request{
		Method: in.Method, URL: in.URL, Query: query, Header: in.Headers, Type: kind, Body: body,
		Account: in.Account, AllowPrivate: in.AllowPrivate, Timeout: timeout, Expect: expect,
		SendKey: in.RepeatSafe,
	})
	if err != nil {
		return Output{}, err
	}
	out := Output{Status: resp.Status, Headers: resp.Header}
	if _, ok := out.Headers["set-cookie"]; ok {
		out.Headers["set-cookie"] = "***" // a session is a credential, and outputs are stored
	}
	if len(resp.Body) == 0 {
		return out, nil
	}
	if isJSON(resp.Header["content-type"]) {
		v, err := resp.JSON()
		if err == nil || resp.Status/100 == 2 {
			out.Body = v
			return out, err
		}
	}
	out.Body = strings.ToValidUTF8(string(resp.Body), "\uFFFD")
	return out, nil
}

// patience is the request's own timeout; 0 leaves it to the step's, which ctx carries.
func patience(ctx context.Context, text string) (time.Duration, error) {
	if text == "" {
		if _, ok := ctx.Deadline(); ok {
			return 0, nil
		}
		return defaultTimeout, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d > maxTimeout {
		return 0, engine.E(engine.Invalid, `"{timeout}" is not a timeout`, "timeout", text).WithHint("Write 30s or 2m; at most 10m.")
	}
	return d, nil
}
