package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"

	"github.com/bretelle/bretelle/engine"
)

// Client speaks to the running bot of a data directory.
type Client struct {
	dir  string
	http *http.Client
}

// NewClient makes a client for a data directory. It connects at the first call.
func NewClient(dir string) *Client {
	return &Client{dir: dir, http: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, dir) },
	}}}
}

// FlowError is an error about a flow's text together with everything that was found in it.
type FlowError struct {
	Cause    *engine.Error
	Problems []ProblemOut
}

func (e *FlowError) Error() string { return e.Cause.Error() }

// Unwrap gives the *engine.Error.
func (e *FlowError) Unwrap() error { return e.Cause }

// Do carries out an operation, "flow.apply" and its like: in and out are its messages, out may be nil. Errors are
// those of the operation, and Unavailable when no bot runs on the data directory.
func (c *Client) Do(ctx context.Context, op string, in, out any) error {
	body, err := c.post(ctx, "/do/"+op, in)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(body).Decode(out); err != nil {
		return unreadable(err)
	}
	return nil
}

// Watch streams a channel's messages as a person sees them, starting with those after a change number, until ctx
// ends or f returns an error, which it gives back.
func (c *Client) Watch(ctx context.Context, in WatchIn, f func(Heard) error) error {
	body, err := c.post(ctx, "/watch", in)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	d := json.NewDecoder(body)
	for {
		var h Heard
		switch err := d.Decode(&h); {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return engine.E(engine.Unavailable, "bretelle has stopped")
		case err != nil:
			return unreadable(err)
		}
		if err := f(h); err != nil {
			return err
		}
	}
}

func (c *Client) post(ctx context.Context, path string, in any) (io.ReadCloser, error) {
	b, err := json.Marshal(in)
	if err != nil {
		return nil, engine.AsError(err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://bretelle"+path, bytes.NewReader(b))
	if err != nil {
		return nil, engine.AsError(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(r)
	if err != nil {
		var e *engine.Error
		if errors.As(err, &e) {
			return nil, e
		}
		return nil, engine.E(engine.Unavailable, "bretelle on {dir} did not answer", "dir", c.dir).Wrap(err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp.Body, nil
	}
	defer func() { _ = resp.Body.Close() }()
	var f failure
	if err := json.NewDecoder(resp.Body).Decode(&f); err != nil || f.Error.Code == "" {
		return nil, engine.E(engine.Unreadable, "bretelle on {dir} does not know that; it may be of another version", "dir", c.dir)
	}
	e := &engine.Error{Code: f.Error.Code, Msg: f.Error.Message, Hint: f.Error.Hint}
	if len(f.Flaws) > 0 {
		return nil, &FlowError{Cause: e, Problems: f.Flaws}
	}
	return nil, e
}

func unreadable(err error) error {
	return engine.E(engine.Unreadable, "the answer cannot be read").WithHint("Is the running bretelle of another version?").Wrap(err)
}
