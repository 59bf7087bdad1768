package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/engine"
)

type chatCmd struct {
	As      string   `required:"" help:"Who speaks." placeholder:"NAME"`
	In      string   `required:"" help:"Where: #channel." placeholder:"PLACE"`
	Thread  string   `help:"In the thread below this card or message." placeholder:"ID"`
	Message string   `short:"m" help:"Say this, or give this command." placeholder:"TEXT"`
	Press   string   `help:"Press this button: approve, deny, edit, …; while a form is open also one of its own, as it is filled in: back, …" placeholder:"ID"`
	Card    string   `help:"On this card, where several offer the button." placeholder:"ID"`
	Submit  []string `help:"Fill the open form's field and submit it; repeat for more fields." placeholder:"FIELD=VALUE" sep:"none"`
	Choose  []string `help:"Choose from a menu; repeat for more menus." placeholder:"ID=VALUE" sep:"none"`
	JSON    bool     `name:"json" help:"Print JSON."`
}

// Run does what the flags say and ends, or talks until the end of standard input when they say nothing.
func (c *chatCmd) Run(e *env) error {
	in := control.ChatIn{As: c.As, In: c.In, Thread: c.Thread, Text: c.Message, Press: c.Press, Card: c.Card}
	var err error
	if in.Submit, err = pairs("--submit", c.Submit); err != nil {
		return err
	}
	if in.Choose, err = pairs("--choose", c.Choose); err != nil {
		return err
	}
	if in.Text == "" && in.Press == "" && len(in.Submit) == 0 && len(in.Choose) == 0 {
		if c.JSON {
			cards := []*control.CardOut{}
			if err := e.client.Do(e.ctx, "chat.cards", in, &cards); err != nil {
				return err
			}
			return e.json(cards)
		}
		return c.talk(e)
	}
	_, err = c.once(e, in)
	return err
}

func pairs(flag string, given []string) (map[string]string, error) {
	out := map[string]string{}
	for _, s := range given {
		k, v, ok := strings.Cut(s, "=")
		if !ok || k == "" {
			return nil, usage{engine.E(engine.Invalid, `{flag} wants NAME=VALUE, not "{text}"`, "flag", flag, "text", s)}
		}
		out[k] = v
	}
	return out, nil
}

// once does one thing and prints what is seen of it.
func (c *chatCmd) once(e *env, in control.ChatIn) (control.ChatOut, error) {
	var out control.ChatOut
	if err := e.client.Do(e.ctx, "chat", in, &out); err != nil {
		return out, err
	}
	if c.JSON {
		var v any = struct{}{}
		switch {
		case out.Card != nil:
			v = out.Card
		case out.Form != nil:
			v = struct {
				Form *control.FormOut `json:"form"`
			}{out.Form}
		}
		if err := e.json(v); err != nil {
			return out, err
		}
	} else {
		e.card(out.Card)
		if out.Form != nil {
			if out.Form.Read || len(out.Form.Fields) == 0 {
				e.say("%s", out.Form.Text)
			} else {
				e.say("%s", out.Form.Line)
			}
		}
	}
	if out.Wrong {
		for _, f := range out.Form.Fields {
			if f.Error != "" {
				printTo(e.err, "error: %s: %s\n", f.Short, f.Error)
			}
		}
		return out, errTold
	}
	return out, nil
}

// card prints a card for people, with what can be pressed. A draft's card, which changes with everything that is done
// to it, is one line: what is left to do.
func (e *env) card(c *control.CardOut) {
	if c == nil {
		return
	}
	if c.Brief == "" {
		e.say("%s", c.Text)
	}
	var ids []string
	for _, b := range c.Buttons {
		if b.URL == "" {
			ids = append(ids, b.ID)
		}
	}
	for _, m := range c.Menus {
		ids = append(ids, m.ID+"="+strings.Join(m.Options, "|"))
	}
	if c.Brief != "" {
		e.say("card %s   %s   buttons: %s", c.Key, c.Brief, strings.Join(ids, " "))
		return
	}
	if len(ids) > 0 {
		e.say("buttons: %s   (card %s)", strings.Join(ids, " "), c.ID)
	}
}

const talkHelp = `Type a message or a /command. !approve presses a button (!approve CARD where several offer it), !mute=1h chooses
from a menu. While a form is open, each field is asked for; an empty line keeps what stands there. Ctrl-D ends.`

// talk is the interactive mode.
func (c *chatCmd) talk(e *env) error {
	ctx, stop := context.WithCancel(e.ctx)
	heard := make(chan error, 1)
	go func() {
		heard <- e.client.Watch(ctx, control.WatchIn{As: c.As, In: c.In, After: -1}, func(h control.Heard) error {
			c.hear(e, h)
			return nil
		})
	}()
	defer func() { stop(); <-heard }()
	e.say("%s", talkHelp)
	var cards []*control.CardOut
	if err := e.client.Do(e.ctx, "chat.cards", control.ChatIn{As: c.As, In: c.In, Thread: c.Thread}, &cards); err != nil {
		return err
	}
	for _, card := range cards { // what waits there already
		if card.State == engine.CardOpen {
			e.card(card)
		}
	}
	lines := make(chan string)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(e.in); s.Scan(); {
			select {
			case lines <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-heard:
			heard <- nil
			return err
		case line, more := <-lines:
			if !more {
				return c.linger(ctx, heard)
			}
			if err := c.line(e, strings.TrimSpace(line), lines); err != nil {
				return err
			}
		}
	}
}

// linger hears the answers to what was typed last.
func (c *chatCmd) linger(ctx context.Context, heard chan error) error {
	quiet := time.NewTimer(400 * time.Millisecond)
	defer quiet.Stop()
	select {
	case err := <-heard:
		heard <- nil
		return err
	case <-quiet.C:
	case <-ctx.Done():
	}
	return nil
}

// hear prints what others and the bot say.
func (c *chatCmd) hear(e *env, h control.Heard) {
	who := h.By
	switch {
	case strings.EqualFold(who, strings.TrimPrefix(c.As, "@")):
		return
	case who == "":
		who = "Bretelle"
	}
	e.say("%s: %s", who, h.Text)
}

// line does what one typed line says; errors of the bot are shown, and the talk goes on.
func (c *chatCmd) line(e *env, line string, lines <-chan string) error {
	if line == "" {
		return nil
	}
	in := control.ChatIn{As: c.As, In: c.In, Thread: c.Thread, Text: line}
	if verb, ok := strings.CutPrefix(line, "!"); ok {
		in.Text = ""
		verb, in.Card, _ = strings.Cut(verb, " ")
		if id, value, menu := strings.Cut(verb, "="); menu {
			in.Choose = map[string]string{id: value}
		} else {
			in.Press = verb
		}
	}
	for {
		var out control.ChatOut
		err := e.client.Do(e.ctx, "chat", in, &out)
		switch {
		case engine.CodeOf(err) == engine.Unavailable || errors.Is(err, io.EOF):
			return err
		case err != nil:
			e.say("error: %s", engine.AsError(err).Error())
			return nil
		case out.Form == nil:
			return nil // cards arrive by themselves
		}
		fields, ok := c.fill(e, *out.Form, lines)
		if !ok {
			return nil
		}
		in = control.ChatIn{As: c.As, In: c.In, Thread: c.Thread, Submit: fields}
	}
}

// fill asks for each field of a form; ok is false when nothing more is typed.
func (c *chatCmd) fill(e *env, f control.FormOut, lines <-chan string) (map[string]string, bool) {
	e.say("%s", f.Text)
	out := map[string]string{}
	for _, x := range f.Fields {
		if x.Error != "" {
			e.say("%s", x.Error)
		}
		printTo(e.out, "%s [%s]: ", x.Label, x.Value)
		line, more := <-lines
		if !more {
			return nil, false
		}
		if line != "" {
			out[x.Name] = line
		}
	}
	if len(out) == 0 && len(f.Fields) > 0 {
		out[f.Fields[0].Name] = f.Fields[0].Value // a submission that changes nothing is one too
	}
	return out, true
}
