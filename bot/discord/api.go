package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// rest is Discord's HTTP API. The SDK's own way there is not used: it sends what is said in one channel one by one under
// a lock, sleeps through limits without looking at the context, and forgets the status of an answer that is no JSON.
type rest struct {
	base  string // "https://discord.com/api/v9/"
	token engine.Secret
	http  *http.Client
	now   func() time.Time

	mu    sync.Mutex
	until map[string]time.Time // when a route may be asked again; "" is all of them
}

const (
	apiURL      = "https://discord.com/api/v9/"
	agent       = "DiscordBot (https://github.com/bretelle/bretelle, 1)" // docs, "Reference": this form is required
	callTimeout = 20 * time.Second
	answerMost  = 16 << 20 // bytes of an answer that are read
	routesMost  = 2000     // limits that are remembered
	saidMost    = 300      // characters of Discord's own words that are kept for the log
)

// fault is what went wrong with a request, without anything secret in it.
type fault struct {
	status int    // 0 when nothing was answered
	code   int    // Discord's own, 0 when there is none
	said   string // Discord's words
	field  string // of a refused body, the first part that is wrong: "embeds.0.description"
	after  time.Duration
	global bool
	cause  error
}

func (f *fault) Error() string {
	if f.status == 0 {
		return "discord: " + f.cause.Error()
	}
	return fmt.Sprintf("discord: HTTP %d, code %d, %s %s", f.status, f.code, f.said, f.field)
}

func (f *fault) Unwrap() error { return f.cause }

// codeOf is Discord's own code of an error, 0 when it has none.
func codeOf(err error) int {
	var f *fault
	if errors.As(err, &f) {
		return f.code
	}
	return 0
}

// route is a path below the API; each part is escaped, so that no id can lead elsewhere.
func route(parts ...string) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		if out[i] = url.PathEscape(p); p == "" || p == "." || p == ".." {
			out[i] = "_"
		}
	}
	return strings.Join(out, "/")
}

// files is a body with files: its JSON part and they.
type files struct {
	json  any
	files []bot.File
}

// call asks Discord and reads the answer into into, which may be nil. p is what an error names. Errors: see problem.
func (s *Surface) call(ctx context.Context, p engine.Place, method, path string, body, into any) error {
	if err := s.rest.do(ctx, method, path, body, into); err != nil {
		return problem(err, s.naming(p))
	}
	return nil
}

// do is a request; the error is a *fault. A route that is known to be over its limit is not asked before its time.
func (r *rest) do(ctx context.Context, method, path string, body, into any) error {
	key, bound := bucket(method, path)
	if bound {
		if wait, global := r.wait(key); wait > 0 {
			return &fault{status: http.StatusTooManyRequests, said: "asked before its time", after: wait, global: global}
		}
	}
	kind, sent, err := encode(body)
	if err != nil {
		return &fault{status: http.StatusBadRequest, said: "the request cannot be written", cause: err}
	}
	q, err := http.NewRequestWithContext(ctx, method, r.base+path, bytes.NewReader(sent))
	if err != nil {
		return &fault{cause: errors.New("the request cannot be made")} // its text holds the address, which may be secret
	}
	q.Header.Set("User-Agent", agent)
	if !strings.HasPrefix(path, "interactions/") && !strings.HasPrefix(path, "webhooks/") { // those carry their own token
		q.Header.Set("Authorization", "Bot "+r.token.Reveal())
	}
	if kind != "" {
		q.Header.Set("Content-Type", kind)
	}
	a, err := r.http.Do(q)
	if err != nil {
		var u *url.Error // holds the address
		if errors.As(err, &u) {
			err = u.Err
		}
		return &fault{cause: err}
	}
	defer a.Body.Close()
	text, err := io.ReadAll(io.LimitReader(a.Body, answerMost))
	if err != nil {
		return &fault{cause: err}
	}
	if bound {
		r.heed(key, a)
	}
	if a.StatusCode >= 300 {
		f := failed(a, text)
		f.said = r.hide(f.said, path)
		if a.StatusCode == http.StatusTooManyRequests {
			if f.global {
				key = ""
			}
			r.block(key, f.after)
		}
		return f
	}
	if into == nil || len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return &fault{status: a.StatusCode, said: "the answer cannot be read", cause: err}
	}
	return nil
}

// encode is a body as it is sent, and its media type.
func encode(body any) (kind string, sent []byte, err error) {
	if body == nil {
		return "", nil, nil
	}
	f, ok := body.(files)
	if !ok {
		sent, err = json.Marshal(body)
		return "application/json", sent, err
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part := func(header textproto.MIMEHeader, data []byte) {
		p, e := w.CreatePart(header)
		if e == nil {
			_, e = p.Write(data)
		}
		err = errors.Join(err, e)
	}
	text, e := json.Marshal(f.json)
	err = e
	part(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="payload_json"`}, "Content-Type": {"application/json"}}, text)
	for i, x := range f.files {
		kind := x.Type
		if kind == "" || strings.ContainsAny(kind, "\r\n") {
			kind = "application/octet-stream"
		}
		part(textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="files[%d]"; filename="%s"`, i, fileName(x.Name))},
			"Content-Type": {kind}}, x.Data)
	}
	err = errors.Join(err, w.Close()) // writes the end
	return w.FormDataContentType(), b.Bytes(), err
}

// failed reads an answer that is no success.
func failed(a *http.Response, text []byte) *fault {
	var said struct {
		Message string          `json:"message"`
		Code    int             `json:"code"`
		After   float64         `json:"retry_after"`
		Global  bool            `json:"global"`
		Errors  json.RawMessage `json:"errors"`
	}
	_ = json.Unmarshal(text, &said) // a proxy's page is none
	f := &fault{status: a.StatusCode, code: said.Code, said: said.Message, global: said.Global || a.Header.Get("X-RateLimit-Global") == "true"}
	f.field = wrongPart(said.Errors, "", 0)
	for _, after := range []float64{said.After, number(a.Header.Get("Retry-After"))} {
		f.after = max(f.after, seconds(after))
	}
	if f.after == 0 && a.StatusCode == http.StatusTooManyRequests {
		f.after = time.Second
	}
	return f
}

// wrongPart is the path of the first part that Discord refuses, of its "errors" (docs, "Error Messages").
func wrongPart(errs json.RawMessage, path string, depth int) string {
	var at map[string]json.RawMessage
	if depth > 8 || json.Unmarshal(errs, &at) != nil {
		return ""
	}
	if _, leaf := at["_errors"]; leaf {
		return path
	}
	first := ""
	for name := range at {
		if first == "" || name < first {
			first = name
		}
	}
	if first == "" {
		return ""
	}
	return wrongPart(at[first], strings.TrimPrefix(path+"."+first, "."), depth+1)
}

func number(s string) float64 {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0
	}
	return n
}

func seconds(n float64) time.Duration {
	if math.IsNaN(n) || n <= 0 {
		return 0
	}
	return time.Duration(min(n, 86400) * float64(time.Second))
}

// hide takes away what is secret of Discord's words: the token, and of an interaction's path its own.
func (r *rest) hide(said, path string) string {
	secrets := []string{r.token.Reveal()}
	if p := strings.Split(path, "/"); len(p) > 2 && (p[0] == "interactions" || p[0] == "webhooks") {
		secrets = append(secrets, p[2])
	}
	for _, x := range secrets {
		if x != "" {
			said = strings.ReplaceAll(said, x, "***")
		}
	}
	if long := []rune(said); len(long) > saidMost {
		said = string(long[:saidMost]) + "…"
	}
	return said
}

// bucket is what a request's limit is counted by: method and path with all ids but the first as one. Interactions have
// tokens in their paths and limits of their own (docs, "Rate Limits": they are not bound to the global limit).
func bucket(method, path string) (key string, bound bool) {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	if parts[0] == "interactions" || parts[0] == "webhooks" {
		return "", false
	}
	for i := 2; i < len(parts); i++ {
		if snowflake.MatchString(parts[i]) || parts[i-1] == "reactions" {
			parts[i] = ":"
		}
	}
	return method + " " + strings.Join(parts, "/"), true
}

// wait is how long a route is to be left alone.
func (r *rest) wait(key string) (d time.Duration, global bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if d = r.until[""].Sub(now); d > 0 {
		return d, true
	}
	return r.until[key].Sub(now), false
}

// heed remembers that a route's share is used up ("X-RateLimit-Remaining", "X-RateLimit-Reset-After").
func (r *rest) heed(key string, a *http.Response) {
	if a.Header.Get("X-RateLimit-Remaining") == "0" {
		r.block(key, seconds(number(a.Header.Get("X-RateLimit-Reset-After"))))
	}
}

func (r *rest) block(key string, d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if len(r.until) >= routesMost {
		for k, t := range r.until {
			if !t.After(now) || len(r.until) >= 2*routesMost {
				delete(r.until, k)
			}
		}
	}
	if t := now.Add(d); d > 0 && t.After(r.until[key]) {
		r.until[key] = t
	}
}
