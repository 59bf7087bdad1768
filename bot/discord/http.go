package discord

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// signedFor is how long a signature counts, before and after its time: what was recorded cannot be replayed later.
const signedFor = 5 * time.Minute

// Handler takes interactions that Discord sends over HTTP, at the address that its developer portal calls "Interactions
// Endpoint URL", and answers them in the response. Anything without a signature of the application's, made within five
// minutes, is 401 and nothing else. It is an alternative to interactions by the gateway; messages come that way only.
// The error is Invalid for a public key that is none.
func (s *Surface) Handler(h bot.Handler) (http.Handler, error) {
	key, err := hex.DecodeString(s.live.PublicKey)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, engine.E(engine.Invalid, "this is no public key of Discord's").WithOp("discord.http").
			WithHint("It has 64 digits and letters from a to f: discord.com/developers, General Information, Public Key.")
	}
	if s.live.Inbox == nil {
		return nil, engine.E(engine.Invalid, "interactions cannot be kept").WithOp("discord.http")
	}
	d := s.taker(context.Background(), h)
	s.live.mu.Lock()
	s.live.takers = append(s.live.takers, d)
	s.live.mu.Unlock()
	return &entry{taker: d, key: key}, nil
}

// entry is the HTTP side of a taker.
type entry struct {
	*taker
	key ed25519.PublicKey
}

// ServeHTTP takes one interaction.
func (e *entry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, frameMost))
	if err != nil || !e.signed(r.Header, body) {
		http.Error(w, "", http.StatusUnauthorized)
		return
	}
	var ping struct {
		Type int `json:"type"`
	}
	if json.Unmarshal(body, &ping) == nil && ping.Type == int(discord.InteractionPing) {
		e.write(w, &discord.InteractionResponse{Type: discord.InteractionResponsePong})
		return
	}
	in, err := decode(body, e.me())
	if err != nil || in.Trigger == "" {
		http.Error(w, "", http.StatusBadRequest)
		return
	}
	e.metBy(event{data: body}, in)
	answers, out := make(chan *discord.InteractionResponse, 1), make(chan struct{})
	defer close(out)
	first := func(_ context.Context, r *discord.InteractionResponse) error {
		answers <- r
		<-out // what follows the answer is not to come before it
		return nil
	}
	came, began := time.Now(), false
	if in.Kind == bot.InLookUp {
		began = e.begin(func() { e.lookUp(e.ctx, in, first) })
	} else {
		fresh, err := e.keep(r.Context(), in)
		if err != nil {
			e.write(w, refusal(in, unkept(err)))
			return
		}
		if !fresh { // it was answered when it first came
			w.WriteHeader(http.StatusAccepted)
			return
		}
		began = e.begin(func() { e.interact(e.ctx, in, false, came, first) })
	}
	if !began {
		http.Error(w, "", http.StatusServiceUnavailable)
		return
	}
	e.write(w, <-answers)
}

// signed reports whether Discord signed a body for this application, lately (docs, "Interactions: Security and
// Authorization").
func (e *entry) signed(h http.Header, body []byte) bool {
	at := h.Get("X-Signature-Timestamp")
	sig, err := hex.DecodeString(h.Get("X-Signature-Ed25519"))
	if err != nil || len(sig) != ed25519.SignatureSize {
		return false
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || len(h.Values("X-Signature-Timestamp")) != 1 || len(h.Values("X-Signature-Ed25519")) != 1 {
		return false
	}
	if age := e.now().Sub(time.Unix(seconds, 0)); age > signedFor || age < -signedFor {
		return false
	}
	return ed25519.Verify(e.key, append([]byte(at), body...), sig)
}

func (e *entry) write(w http.ResponseWriter, r *discord.InteractionResponse) {
	kind, data, err := encode(answerBody(r))
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data)
	_ = http.NewResponseController(w).Flush()
}
