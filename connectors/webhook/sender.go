package webhook

import (
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// Kind is a way of proving where a delivery comes from.
type Kind string

// The kinds (CONTRACTS, "Events").
const (
	GitHub   Kind = "github"            // X-Hub-Signature-256: sha256=HEX over the body
	Stripe   Kind = "stripe"            // Stripe-Signature: t=SECONDS,v1=HEX over "t.body"
	Slack    Kind = "slack"             // X-Slack-Signature: v0=HEX over "v0:SECONDS:body"
	Standard Kind = "standard-webhooks" // webhook-signature: v1,BASE64 over "id.SECONDS.body"
	HMAC     Kind = "hmac-sha256"       // a header of choice: HEX or BASE64 over the body
	Token    Kind = "token"             // a shared secret in a header
	Unsigned Kind = "unsigned"          // nothing proves it
)

// Kinds lists them as dialogs do.
func Kinds() []string {
	return []string{string(GitHub), string(Stripe), string(Slack), string(Standard), string(HMAC), string(Token), string(Unsigned)}
}

// kindTitles are the kinds as people read them, in the order of Kinds.
func kindTitles() []string {
	return []string{"GitHub", "Stripe", "Slack", "Standard Webhooks", "Another, with a signature", "Another, with a token", "Anybody: unsigned"}
}

// Sender is who calls, and how that is checked.
type Sender struct {
	Kind     Kind
	Secret   string // name of the stored secret; "" for unsigned
	Header   string // hmac-sha256, token: the header that carries it, lower case
	Prefix   string // hmac-sha256: what stands before the signature, "sha256="
	Encoding string // hmac-sha256: "hex" or "base64"
	ID       string // header with the delivery id, lower case; "" when the kind has its own, or none
}

// ParseSender reads the settings of a trigger: sender is a kind, with secret, header, prefix, encoding and id beside it
// where the kind has them, or a mapping with all of these in it. The error is Invalid; its argument "at" names the field.
func ParseSender(with map[string]any) (Sender, *engine.Error) {
	var s Sender
	if name, ok := with["secret"].(string); ok {
		s.Secret = name
	}
	for name, to := range map[string]*string{"header": &s.Header, "prefix": &s.Prefix, "encoding": &s.Encoding, "id": &s.ID} {
		if text, ok := with[name].(string); ok {
			*to = text
		}
	}
	s.Header, s.ID = strings.ToLower(s.Header), strings.ToLower(s.ID)
	switch v := with["sender"].(type) {
	case string:
		s.Kind = Kind(v)
	case map[string]any:
		for key, value := range v {
			text, ok := value.(string)
			if !ok {
				return s, engine.E(engine.Invalid, `"{field}" of the sender must be text`, "at", "sender", "field", key)
			}
			switch key {
			case "kind":
				s.Kind = Kind(text)
			case "secret":
				s.Secret = text
			case "header":
				s.Header = strings.ToLower(text)
			case "prefix":
				s.Prefix = text
			case "encoding":
				s.Encoding = text
			case "id":
				s.ID = strings.ToLower(text)
			default:
				known := []string{"kind", "secret", "header", "prefix", "encoding", "id"}
				return s, unknownWord(`"{word}" is not a setting of a sender`, key, known)
			}
		}
	default:
		return s, engine.E(engine.Invalid, "The sender is missing", "at", "sender").
			WithHint("Write sender: github, or another kind, or sender: unsigned.")
	}
	return s, s.check()
}

func (s *Sender) check() *engine.Error {
	if !slices.Contains(Kinds(), string(s.Kind)) {
		return unknownWord(`"{word}" is not a kind of sender`, string(s.Kind), Kinds())
	}
	if s.Kind != HMAC && s.Kind != Token && s.Header != "" || s.Kind != HMAC && (s.Prefix != "" || s.Encoding != "") {
		return engine.E(engine.Invalid, "{kind} has its own header", "at", "sender", "kind", string(s.Kind)).
			WithHint("Leave header, prefix and encoding out, or use hmac-sha256.")
	}
	if (s.Header != "" && !headerName(s.Header)) || (s.ID != "" && !headerName(s.ID)) {
		return engine.E(engine.Invalid, "That is not the name of a header", "at", "sender").WithHint("Write it as in X-Signature.")
	}
	switch s.Kind {
	case HMAC:
		if s.Header == "" {
			return engine.E(engine.Invalid, "hmac-sha256 needs the header that carries the signature", "at", "sender").
				WithHint("Write header: X-Signature beside the sender.")
		}
		switch s.Encoding {
		case "":
			s.Encoding = "hex"
		case "hex", "base64":
		default:
			return unknownWord(`"{word}" is not an encoding of signatures`, s.Encoding, []string{"hex", "base64"})
		}
	case Token:
		if s.Header == "" {
			s.Header = "authorization"
		}
	case Unsigned:
		if s.Secret != "" {
			return engine.E(engine.Invalid, "An unsigned sender has no secret", "at", "secret").
				WithHint("Leave the secret out, or name the kind of sender that signs with it.")
		}
		return nil
	}
	if s.Secret == "" {
		return engine.E(engine.Invalid, "{kind} needs a secret to check deliveries with", "at", "secret", "kind", string(s.Kind)).
			WithHint("Store one with bretelle secret set NAME, and write secret: NAME beside the sender.")
	}
	return nil
}

func unknownWord(msg, word string, known []string) *engine.Error {
	e := engine.E(engine.Invalid, msg, "at", "sender", "word", word, "known", strings.Join(known, ", "))
	if near := engine.Suggest(word, known); near != "" {
		e.Args["near"] = near
		return e.WithHint(`Did you mean "{near}"?`)
	}
	return e.WithHint("Known are {known}.")
}

func headerName(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
}

// idHeader is the header that names the delivery, "" when there is none.
func (s Sender) idHeader() string {
	switch {
	case s.ID != "":
		return s.ID
	case s.Kind == GitHub:
		return "x-github-delivery"
	case s.Kind == Standard:
		return "webhook-id"
	}
	return ""
}

// Keyed reports whether this sender's deliveries say which one they are; without that, and without a key
// expression in the flow, every delivery is new.
func (s Sender) Keyed() bool {
	return s.idHeader() != "" || s.Kind == Stripe || s.Kind == Slack
}

// maxKey bounds a delivery id, in bytes.
const maxKey = 200

// Key is the delivery's id: the same when the sender sends it again; "" when it has none. Stripe and Slack write
// it into the body (id, event_id), the others into a header. body is the parsed body.
func Key(s Sender, h Headers, body any) string {
	if name := s.idHeader(); name != "" {
		id, _ := h.one(name)
		return bounded(id)
	}
	m, _ := body.(map[string]any)
	field := map[Kind]string{Stripe: "id", Slack: "event_id"}[s.Kind]
	id, _ := m[field].(string)
	return bounded(id)
}

// bounded drops an id that is too long to be one.
func bounded(id string) string {
	if len(id) > maxKey {
		return ""
	}
	return id
}

// Headers are a request's headers by lower-case name.
type Headers map[string][]string

// one is the value of a header that must be there exactly once.
func (h Headers) one(name string) (string, bool) {
	v := h[name]
	if len(v) != 1 || v[0] == "" {
		return "", false
	}
	return v[0], true
}
