package engine_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// TestNumbersSurvive: no id changes on its way through (CONTRACTS, "Expressions on missing and odd data").
func TestNumbersSurvive(t *testing.T) {
	for in, want := range map[string]any{
		`9223372036854775807`:          9223372036854775807,
		`-9223372036854775808`:         -9223372036854775808,
		`9007199254740993`:             9007199254740993,
		`9223372036854775808`:          "9223372036854775808",
		`-123456789012345678901234567`: "-123456789012345678901234567",
		`1.5`:                          1.5,
		`1e3`:                          1000.0,
		`"7"`:                          "7",
		`null`:                         nil,
	} {
		got, err := engine.DecodeJSON([]byte(in))
		if err != nil || got != want {
			t.Errorf("%s reads as %#v (%v), wanted %#v", in, got, err, want)
		}
	}
	deep, err := engine.DecodeJSON([]byte(`{"b": [1, {"id": 18446744073709551615}], "a": "<&>"}`))
	if err != nil {
		t.Fatal(err)
	}
	b, err := engine.EncodeJSON(deep)
	if want := `{"a":"<&>","b":[1,{"id":"18446744073709551615"}]}`; err != nil || string(b) != want {
		t.Errorf("encodes as %s (%v), wanted %s", b, err, want)
	}
	for _, bad := range []string{``, `{`, `1 2`, `{} x`, `nul`} {
		if v, err := engine.DecodeJSON([]byte(bad)); err == nil {
			t.Errorf("%q reads as %v", bad, v)
		}
	}
	if _, err := engine.EncodeJSON(func() {}); err == nil {
		t.Error("a function encodes")
	}
}

// TestSecretShowsItselfToNobody tries every way a value leaks by accident.
func TestSecretShowsItselfToNobody(t *testing.T) {
	const value = "hunter2-canary"
	s := engine.NewSecret(value)
	j, err := json.Marshal(map[string]any{"s": s, "c": engine.Credential{Value: s}})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("it", "secret", s, "credential", engine.Credential{Name: "n", Value: s})
	text, _ := s.MarshalText()
	binary, _ := s.MarshalBinary()
	yaml, _ := s.MarshalYAML()
	all := strings.Join([]string{
		fmt.Sprint(s), fmt.Sprintf("%s %v %+v %#v %q %x %d", s, s, s, s, s, s, s), fmt.Sprintf("%+v", engine.Credential{Value: s}),
		string(j), log.String(), string(text), string(binary), fmt.Sprint(yaml), errors.Join(fmt.Errorf("with %v", s)).Error(),
	}, "\n")
	for _, form := range []string{value, base64.StdEncoding.EncodeToString([]byte(value)), fmt.Sprintf("%x", value)} {
		if strings.Contains(all, form) {
			t.Errorf("%q stands in\n%s", form, all)
		}
	}
	if s.Reveal() != value || s.Empty() || !engine.NewSecret("").Empty() {
		t.Error("the value itself is lost")
	}
}

// TestErrorsSayWhatToDo: text for people is the message and its hint, never the cause.
func TestErrorsSayWhatToDo(t *testing.T) {
	cause := errors.New("dial tcp 10.0.0.1: secret detail")
	e := engine.E(engine.NotFound, "no flow is called {name}", "name", "{name} & co").WithHint("Did you mean {name}?").Wrap(cause).WithOp("flows.head")
	if got := e.Error(); got != "no flow is called {name} & co. Did you mean {name} & co?" {
		t.Errorf("it says %q", got)
	}
	wrapped := fmt.Errorf("more: %w", e)
	if engine.CodeOf(wrapped) != engine.NotFound || engine.AsError(wrapped) != e || !errors.Is(wrapped, cause) {
		t.Error("the error is lost in its chain")
	}
	if engine.CodeOf(nil) != "" || engine.CodeOf(cause) != engine.Internal || engine.AsError(nil) != nil {
		t.Error("codes of nil and of foreign errors")
	}
	if got := engine.AsError(cause).Error(); strings.Contains(got, "secret detail") {
		t.Errorf("a foreign error is shown: %q", got)
	}
	if got := engine.Fill("{a} {b} {", map[string]any{"a": 1}); got != "1 {b} {" {
		t.Errorf("Fill gives %q", got)
	}
}

func TestPlaces(t *testing.T) {
	for text, want := range map[string]engine.Place{
		"#triage":               {Surface: "console", Channel: "#triage"},
		"console/#triage":       {Surface: "console", Channel: "#triage"},
		"slack:T0123/#triage":   {Surface: "slack", Workspace: "T0123", Channel: "#triage"},
		"discord:81384/#triage": {Surface: "discord", Workspace: "81384", Channel: "#triage"},
		"@ann":                  {Surface: "console", Channel: "@ann"},
	} {
		p, err := engine.ParsePlace(text)
		if err != nil || p != want {
			t.Errorf("%q is %+v (%v)", text, p, err)
		}
		if again, err := engine.ParsePlace(p.String()); err != nil || again != p {
			t.Errorf("%q does not survive: %q (%v)", text, p, err)
		}
		b, err := json.Marshal(p)
		var back engine.Place
		if err != nil || json.Unmarshal(b, &back) != nil || back != p {
			t.Errorf("%q does not survive JSON: %s", text, b)
		}
	}
	for _, bad := range []string{"", "triage", "#", "slack/#x", "slack:T/", ":T/#x", "slack:T/#x/y", "slack:T/#x\ny"} {
		if p, err := engine.ParsePlace(bad); engine.CodeOf(err) != engine.Invalid {
			t.Errorf("%q is taken for %+v (%v)", bad, p, err)
		}
	}
}

// TestRisk: what is not known counts as the worst, and a step may only raise.
func TestRisk(t *testing.T) {
	if engine.Risk(0).String() != "destroy" || engine.Risk(9).Least(engine.Read) != engine.Destroy || engine.Risk(0).Least(engine.Read) != engine.Destroy {
		t.Error("an unknown risk is taken for a mild one")
	}
	if engine.Send.Least(engine.Read) != engine.Send || engine.Read.Least(engine.Send) != engine.Send {
		t.Error("Least is not the greater of both")
	}
	for _, r := range []engine.Risk{engine.Read, engine.Write, engine.Send, engine.Destroy} {
		var back engine.Risk
		if b, err := json.Marshal(r); err != nil || json.Unmarshal(b, &back) != nil || back != r {
			t.Errorf("%s does not survive JSON", r)
		}
	}
	if json.Unmarshal([]byte(`"harmless"`), new(engine.Risk)) == nil {
		t.Error("any word is a risk")
	}
	a := engine.Action{Risk: engine.Write, Repeat: true, Title: "T"}
	if got := a.TraitsOf(nil); got != (engine.Traits{Risk: engine.Write, Repeat: true}) {
		t.Errorf("traits %+v", got)
	}
}

// TestIDs: UUIDv7 (RFC 9562), in the order of time, never twice.
func TestIDs(t *testing.T) {
	seen := map[string]bool{}
	before := ""
	for i := range 1000 {
		id := engine.NewID(time.UnixMilli(1_800_000_000_000 + int64(i)))
		if len(id) != 36 || id[14] != '7' || !strings.ContainsAny(id[19:20], "89ab") || id != strings.ToLower(id) {
			t.Fatalf("%s is no UUIDv7", id)
		}
		if seen[id] || id <= before {
			t.Fatalf("%s after %s", id, before)
		}
		seen[id], before = true, id
	}
	if a, b := engine.Token(4), engine.Token(20); len(a) != 32 || len(b) != 40 || a == b {
		t.Errorf("tokens %s and %s", a, b)
	}
}

func TestSuggest(t *testing.T) {
	words := []string{"http.request", "chat.message.post", "publish", "pause"}
	for in, want := range map[string]string{
		"htp.request": "http.request", "pubish": "publish", "PUBLISH": "publish", "psuae": "pause", "http.reqeust": "http.request",
		"nothing": "", "": "", "chat": "",
	} {
		if got := engine.Suggest(in, words); got != want {
			t.Errorf("%q suggests %q, wanted %q", in, got, want)
		}
	}
}

func TestProblemsInOrder(t *testing.T) {
	ps := engine.Problems{
		{Severity: engine.SevWarning, Pos: engine.Pos{Line: 4, Col: 1}, Msg: "late"},
		{Severity: engine.SevError, Pos: engine.Pos{Line: 2, Col: 9}, Msg: `unknown key "{key}"`, Args: engine.Args("key", "chanel"), Hint: "Did you mean channel?"},
	}
	ps.Sort()
	if want := "2:9: error: unknown key \"chanel\". Did you mean channel?\n4:1: warning: late"; ps.String() != want || !ps.Bad() || ps[1:].Bad() {
		t.Errorf("%s", ps)
	}
}

// TestTriggerIDs: editing what is no part of the identity keeps cursor, seen keys and address.
func TestTriggerIDs(t *testing.T) {
	id := func(flow, kind string, m map[string]any) string {
		s, err := engine.TriggerID(flow, kind, m)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	a := id("f", "webhook.received", map[string]any{"path": "x", "n": 1})
	if a != id("f", "webhook.received", map[string]any{"n": 1, "path": "x"}) {
		t.Error("the order of fields matters")
	}
	if a == id("f", "webhook.received", map[string]any{"path": "y", "n": 1}) || a == id("g", "webhook.received", map[string]any{"path": "x", "n": 1}) {
		t.Error("two triggers have one identity")
	}
}
