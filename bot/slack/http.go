package slack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/bretelle/bretelle/bot"
)

// EventsPath is where Slack is to post commands, interactions and events, all three.
const EventsPath = "/slack/events"

// signedFor is how old a request may be (docs.slack.dev, "Verifying requests from Slack").
const signedFor = 5 * time.Minute

// Handler takes deliveries by HTTP, for EventsPath. They need Options.Signing, and Listen that runs: without it they
// are refused with 503 and come again. Deliveries are known by their own ids, whichever way and how often they come:
// X-Slack-Retry-Num is of no interest.
func (s *Surface) Handler(h bot.Handler) http.Handler {
	n := s.in
	n.mu.Lock()
	if n.h == nil {
		n.h = h
	}
	n.mu.Unlock()
	return http.HandlerFunc(n.serve)
}

func (n *inbound) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "Only POST.", http.StatusMethodNotAllowed)
		return
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" && kind != "application/x-www-form-urlencoded" {
		http.Error(w, "Only application/json and application/x-www-form-urlencoded.", http.StatusUnsupportedMediaType)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, frameMost))
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			http.Error(w, "Too large.", http.StatusRequestEntityTooLarge)
			return
		}
		http.Error(w, "The body could not be read.", http.StatusBadRequest)
		return
	}
	if !n.signed(r.Header, body) {
		http.Error(w, "Not signed by Slack, or too long ago.", http.StatusUnauthorized)
		return
	}
	if (kind == "application/json") != json.Valid(body) { // what is signed is what its type says
		http.Error(w, "The body is not what its type says.", http.StatusBadRequest)
		return
	}
	var hello struct{ Type, Challenge string }
	if kind == "application/json" && json.Unmarshal(body, &hello) == nil && hello.Type == "url_verification" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = io.WriteString(w, hello.Challenge)
		return
	}
	ack, after, err := n.receive(r.Context(), body)
	defer after()
	if err != nil {
		n.log().Warn("a delivery could not be kept and comes again", "surface", "slack", "err", err)
		http.Error(w, "Not now.", http.StatusServiceUnavailable)
		return
	}
	if ack != nil {
		w.Header().Set("Content-Type", "application/json")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(ack)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(ack)
	_ = http.NewResponseController(w).Flush() // what follows is to come after the acknowledgement
}

// signed reports whether Slack signed the body, as it stands, within the last five minutes.
func (n *inbound) signed(h http.Header, body []byte) bool {
	secret := n.o.Signing.Reveal()
	stamps, signatures := h.Values("X-Slack-Request-Timestamp"), h.Values("X-Slack-Signature")
	if secret == "" || len(stamps) != 1 || len(signatures) != 1 {
		return false
	}
	at, err := strconv.ParseInt(stamps[0], 10, 64)
	if err != nil || strconv.FormatInt(at, 10) != stamps[0] {
		return false
	}
	if age := n.now().Sub(time.Unix(at, 0)).Abs(); age > signedFor {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + stamps[0] + ":"))
	mac.Write(body)
	want := "v0=" + hex.EncodeToString(mac.Sum(nil))
	return hmac.Equal([]byte(want), []byte(signatures[0]))
}
