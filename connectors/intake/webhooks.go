package intake

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/bretelle/bretelle/connectors/webhook"
	"github.com/bretelle/bretelle/engine"
)

// Limits of one delivery.
const (
	MaxBody      = 1 << 20 // bytes
	readPatience = 15 * time.Second
	defaultSlots = 256
)

// Hook is the trigger behind a path.
type Hook struct {
	Trigger string         // id, see engine.TriggerID
	Flow    string         // name
	With    map[string]any // the trigger's settings
	Place   engine.Place   // the flow's channel, for notices
}

// Hooks finds the trigger that listens at a path. It is asked for every delivery and answers from memory.
type Hooks interface {
	Hook(path string) (Hook, bool)
}

// Secrets opens stored secrets. Errors: NotFound; Unavailable when it cannot be read now.
type Secrets interface {
	Open(ctx context.Context, name string) (engine.Credential, error)
}

// Options is what the handler needs. Raise, Log, Now and Slots may be left out.
type Options struct {
	Hooks   Hooks
	Intake  engine.Intake
	Secrets Secrets
	Raise   func(ctx context.Context, ns ...engine.Notice) error // stores notices for delivery
	Now     func() time.Time
	Log     *slog.Logger
	Slots   int // deliveries worked on at once, and as many being read; one more is answered 429. 0 is 256
}

// webhooks serves POST /hooks/PATH.
type webhooks struct {
	Options
	slots    chan struct{}
	readers  readers
	unsigned *tally
}

// NewWebhooks is the handler of POST /hooks/PATH (CONTRACTS, "Events"). It answers JSON and nothing but the
// statuses listed there. What it answers 2xx to is durable.
func NewWebhooks(o Options) http.Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Slots <= 0 {
		o.Slots = defaultSlots
	}
	return &webhooks{Options: o, slots: make(chan struct{}, o.Slots), readers: readers{most: o.Slots}, unsigned: newTally()}
}

// answer is the body of every response.
type answer struct {
	Result string `json:"result"`
	Run    int64  `json:"run,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// refusal is a delivery that is not taken.
type refusal struct {
	status int
	answer
}

func refuse(status int, result, reason string) *refusal {
	return &refusal{status, answer{Result: result, Reason: reason}}
}

func (h *webhooks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, a := h.serve(w, r)
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	reply(w, status, a)
}

func throttled() *refusal {
	return refuse(http.StatusTooManyRequests, "throttled", "Too many deliveries at once.")
}

func reply(w http.ResponseWriter, status int, a answer) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(a) // the sender has gone when this fails; what was accepted is stored
}

func (h *webhooks) serve(w http.ResponseWriter, r *http.Request) (int, answer) {
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), "/hooks/")
	if !ok || !webhook.ValidPath(path) {
		return http.StatusNotFound, answer{Result: "not_found", Reason: "No flow listens here."}
	}
	hook, ok := h.Hooks.Hook(path)
	if !ok {
		return http.StatusNotFound, answer{Result: "not_found", Reason: "No flow listens here."}
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return http.StatusMethodNotAllowed, answer{Result: "method", Reason: "Deliveries are sent with POST."}
	}
	sender, bad := webhook.ParseSender(hook.With)
	if bad != nil {
		h.Log.Error("a published webhook trigger has a sender that cannot be read", "flow", hook.Flow, "error", bad)
		return http.StatusServiceUnavailable, answer{Result: "unavailable", Reason: "The delivery could not be checked."}
	}
	form, no := bodyKind(r.Header)
	if no != nil {
		return no.status, no.answer
	}
	raw, no := h.read(w, r)
	if no != nil {
		return no.status, no.answer
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	default:
		no := throttled()
		return no.status, no.answer
	}
	headers := lower(r.Header)
	secret, no := h.verify(r.Context(), hook, path, sender, headers, raw)
	if no != nil {
		return no.status, no.answer
	}
	body, ok := parse(form, raw)
	if !ok {
		return http.StatusUnsupportedMediaType, answer{Result: "unsupported", Reason: "The body is not what its content type says."}
	}
	item := engine.Item{
		Key: webhook.Key(sender, headers, body),
		Data: map[string]any{
			"body": without(body, secret), "headers": kept(headers, sender, secret), "query": query(r.URL.RawQuery, secret),
			"method": r.Method, "path": path,
		},
	}
	return h.accept(r.Context(), hook, item)
}

// read takes the body as it comes over the wire.
func (h *webhooks) read(w http.ResponseWriter, r *http.Request) ([]byte, *refusal) {
	if r.ContentLength > MaxBody {
		w.Header().Set("Connection", "close")
		return nil, refuse(http.StatusRequestEntityTooLarge, "too_large", "Bodies are at most 1 MiB.")
	}
	// Not every ResponseWriter has deadlines; the server's own limits hold then.
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Now().Add(readPatience))
	me, leave := h.readers.enter(func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	leave()
	var large *http.MaxBytesError
	switch {
	case err != nil && me.gone.Load():
		return nil, throttled()
	case errors.As(err, &large):
		return nil, refuse(http.StatusRequestEntityTooLarge, "too_large", "Bodies are at most 1 MiB.")
	case err != nil:
		return nil, refuse(http.StatusServiceUnavailable, "unavailable", "The body broke off.")
	}
	return raw, nil
}

// verify checks the signature and gives the secret, so that it can be kept out of the event.
func (h *webhooks) verify(ctx context.Context, hook Hook, path string, s webhook.Sender, headers webhook.Headers, raw []byte) (string, *refusal) {
	var secret engine.Secret
	if s.Secret != "" {
		cred, err := h.Secrets.Open(ctx, s.Secret)
		if err != nil {
			h.Log.Error("the secret of a webhook cannot be opened", "flow", hook.Flow, "secret", s.Secret, "error", err)
			return "", refuse(http.StatusServiceUnavailable, "unavailable", "The delivery could not be checked.")
		}
		secret = cred.Value
	}
	if err := webhook.Verify(s, secret, headers, raw, h.Now()); err != nil {
		h.tell(ctx, hook, path)
		return "", refuse(http.StatusUnauthorized, "unsigned", engine.AsError(err).Error())
	}
	return secret.Reveal(), nil
}

// accept offers the event to the engine and says what became of it.
func (h *webhooks) accept(ctx context.Context, hook Hook, item engine.Item) (int, answer) {
	got, err := h.Intake.Accept(ctx, engine.Batch{Trigger: hook.Trigger, Items: []engine.Item{item}, From: "webhook"})
	switch {
	case engine.CodeOf(err) == engine.NotFound:
		return http.StatusNotFound, answer{Result: "not_found", Reason: "No flow listens here."}
	case err != nil || len(got) != 1:
		h.Log.Error("a delivery could not be stored", "flow", hook.Flow, "error", err, "cause", errors.Unwrap(err))
		return http.StatusServiceUnavailable, answer{Result: "unavailable", Reason: "The delivery could not be stored."}
	}
	a := answer{Result: string(got[0].Outcome), Run: got[0].Number, Reason: got[0].Reason}
	if got[0].Outcome == engine.Collected {
		a.Result = string(engine.Accepted) // it becomes a run, only not yet
		return http.StatusAccepted, a
	}
	if got[0].Outcome == engine.Accepted {
		return http.StatusAccepted, a
	}
	return http.StatusOK, a
}
