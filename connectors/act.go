package connectors

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"

	"github.com/bretelle/bretelle/engine"
)

// Act is the one definition of an action: schema, dialog, check, plan, card, reference page and tests come from it.
// In and Out are structs whose tags describe them; see SchemaOf.
type Act[In, Out any] struct {
	Name        string // "message.post": object.verb; the connector's name goes before it
	Title       string // "Post a message"
	Doc         string // sentences
	Risk        engine.Risk
	Account     string   // kind of account needed; "" needs none
	Scopes      []string // what the account must allow
	Store       string   // how the account is stored, as engine.Action.Store
	Idempotency Idempotency
	Sample      Out // an answer as it may look; what a dry run assumes, unless Assume knows better
	Tests       []Test[In]

	// Run does it. It returns promptly when ctx ends, never retries, logs or sleeps.
	Run func(ctx context.Context, c *Call, in In) (Out, error)
	// Probe asks whether an earlier attempt with the same key happened; it changes nothing. Optional.
	Probe func(ctx context.Context, c *Call, in In) (engine.ProbeFound, Out, error)
	// Undo is the call that takes back one that was made with this input and gave this; false where there is none. It
	// is planned, gated and made like any other call. Optional.
	Undo func(in In, out Out) (engine.Inverse, bool)
	// Assume is what a dry run takes for the answer to this input: the sample, with what follows from the input. It uses
	// no exit. Optional.
	Assume func(c *Call, in In) Out
	// Traits and Describe are as in engine.Action. Optional.
	Traits   func(in map[string]any) engine.Traits
	Describe func(in map[string]any) (line string, detail any)
}

// Test is a recorded exchange with a typed input; the rest is as in Recorded.
type Test[In any] struct {
	Name    string
	In      In
	Account *engine.Credential
	Calls   []Exchange
	Posts   []Posted
	Members []ChatMember
	Mails   []Mailed
	Tables  []engine.Table
	Rows    []engine.TableRow
	After   []engine.TableRow
	Out     any
	Class   engine.FailureClass
}

// Action is a made uniform, under the name of its connector.
func (a Act[In, Out]) Action(connector string) Action {
	act := Action{
		Action: engine.Action{
			Name: connector + "." + a.Name, Title: a.Title, Doc: a.Doc,
			In: SchemaOf(reflect.TypeFor[In]()), Out: SchemaOf(reflect.TypeFor[Out]()),
			Risk:   a.Risk,
			Repeat: a.Risk == engine.Read || a.Idempotency == NaturalKey || a.Idempotency == KeySent,
			Probe:  a.Probe != nil, Scopes: a.Scopes, Store: a.Store, Account: a.Account, Sample: plain(a.Sample),
			Traits: a.Traits, Describe: a.Describe,
		},
		Idempotency: a.Idempotency,
		Run: func(ctx context.Context, c *Call, in map[string]any) (any, error) {
			typed, err := decodeAs[In](in)
			if err != nil {
				return nil, err
			}
			return a.Run(ctx, c, typed)
		},
	}
	if a.Probe != nil {
		act.Look = func(ctx context.Context, c *Call, in map[string]any) (engine.ProbeFound, any, error) {
			typed, err := decodeAs[In](in)
			if err != nil {
				return engine.ProbeUnsure, nil, err
			}
			return a.Probe(ctx, c, typed)
		}
	}
	if a.Assume != nil {
		act.Assume = func(c *Call, in map[string]any) any {
			typed, err := decodeAs[In](in)
			if err != nil {
				return act.Sample
			}
			return plain(a.Assume(c, typed))
		}
	}
	if a.Undo != nil {
		act.Undo = func(in map[string]any, out any) (engine.Inverse, bool) {
			typed, err := decodeAs[In](in)
			if err != nil {
				return engine.Inverse{}, false
			}
			done, err := decodeAs[Out](out)
			if err != nil {
				return engine.Inverse{}, false
			}
			return a.Undo(typed, done)
		}
	}
	for _, t := range a.Tests {
		in, _ := plain(t.In).(map[string]any)
		act.Tests = append(act.Tests, Recorded{Name: t.Name, In: in, Account: t.Account, Calls: t.Calls, Posts: t.Posts, Members: t.Members,
			Mails: t.Mails, Tables: t.Tables, Rows: t.Rows, After: t.After, Out: t.Out, Class: t.Class})
	}
	return act
}

// plain is v as engine.DecodeJSON would read it back; nil when v is not representable, which connectortest reports.
func plain(v any) any {
	b, err := engine.EncodeJSON(v)
	if err != nil {
		return nil
	}
	out, err := engine.DecodeJSON(b)
	if err != nil {
		return nil
	}
	return out
}

// decodeAs reads a plain value into a struct, keeping integers in untyped fields exact.
func decodeAs[T any](v any) (T, error) {
	var t T
	b, err := engine.EncodeJSON(v)
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(b))
		d.UseNumber()
		d.DisallowUnknownFields()
		err = d.Decode(&t)
	}
	if err != nil {
		return t, engine.E(engine.Invalid, "The input does not fit this action").
			WithHint("Compare the fields with the action's reference page.").WithOp("connectors.decode").Wrap(err)
	}
	exact(reflect.ValueOf(&t).Elem())
	return t, nil
}

// exact applies engine.Numbers to every untyped value inside v.
func exact(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() && v.CanSet() {
			if n := engine.Numbers(v.Interface()); n != nil {
				v.Set(reflect.ValueOf(n))
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			exact(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				exact(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			exact(v.Index(i))
		}
	case reflect.Map:
		if v.Type().Elem().Kind() != reflect.Interface {
			return
		}
		for _, k := range v.MapKeys() {
			if x := v.MapIndex(k); !x.IsNil() {
				v.SetMapIndex(k, reflect.ValueOf(engine.Numbers(x.Interface())))
			}
		}
	}
}
