package main

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/connectors/intake"
	"github.com/bretelle/bretelle/engine"
)

// listener hears what is said: flows that listen, and runs that wait for a reply.
type listener struct{ a *app }

func (l listener) Said(ctx context.Context, h bot.Heard) error {
	s := l.a.said(h)
	if err := l.reply(ctx, s); err != nil {
		return err
	}
	return l.a.loops.chats.Said(ctx, s)
}

func (l listener) Reacted(ctx context.Context, h bot.Heard) error {
	s := l.a.said(h)
	s.Emoji = h.In.Value
	return l.a.loops.chats.Reacted(ctx, s)
}

func (l listener) Joined(ctx context.Context, h bot.Heard) error {
	s := l.a.said(h)
	s.Ref = string(h.In.Message)
	return l.a.loops.chats.Joined(ctx, s)
}

// reply hands a message in a thread to the runs that wait for one: to the message that the thread begins with, or to
// another that a flow posted there.
func (l listener) reply(ctx context.Context, s intake.Said) error {
	if s.Place.Thread == "" || s.Ref == "" {
		return nil
	}
	data, err := json.Marshal(map[string]any{"text": s.Text, "by": s.Name, "ref": s.Ref, "place": s.Place.String()})
	if err != nil {
		return err
	}
	to, err := l.a.bot.SaidIn(ctx, s.Place)
	if err != nil {
		return err
	}
	keys := []string{s.Place.Thread}
	for _, ref := range to {
		if string(ref) != s.Place.Thread {
			keys = append(keys, string(ref))
		}
	}
	for _, ref := range keys {
		n, err := l.a.runtime.Correlate(ctx, engine.ReplyKey(ref), data, s.By, s.Place.Surface+"/"+s.Ref)
		if n > 0 && s.Took != nil {
			s.Took()
		}
		if engine.CodeOf(err) == engine.Unavailable {
			return err
		}
	}
	return nil // what is no reply to anything is no error
}

// said is what was heard as flows see it.
func (a *app) said(h bot.Heard) intake.Said {
	by := writer(h.Person, h.In.Actor)
	ref := string(h.In.Message)
	if ref == "" {
		ref = h.In.ID
	}
	s := intake.Said{ID: h.In.ID, Place: h.In.Place, Ref: ref, Text: h.In.Text, By: by.By, Name: by.Name, Address: by.Address,
		Author: writer(h.Author, h.In.Author), Member: h.Member, Took: h.Took,
		Mention: h.In.ToMe || strings.Contains(strings.ToLower(h.In.Text), "@bretelle")}
	for _, f := range h.In.Files {
		s.Files = append(s.Files, intake.SaidFile{ID: f.ID, Name: f.Name, Type: f.Type, URL: f.URL, Size: f.Size})
	}
	return s
}

// writer is somebody by the name that they have here, else as their surface shows it.
func writer(p engine.Person, actor bot.Actor) intake.Writer {
	if p.Name != "" {
		actor.Name = p.Name
	}
	if actor.User == "" && p.ID == "" {
		return intake.Writer{}
	}
	return intake.Writer{By: p.ID, Name: actor.Name, Address: actor.Address()}
}

// shortcuts are the flows that can be run on a message, as the bot sees them.
type shortcuts struct{ a *app }

func (s shortcuts) Shortcuts(at engine.Place, message bot.Ref) []bot.Shortcut {
	list := s.a.loops.chats.Shorts(at, string(message))
	out := make([]bot.Shortcut, len(list))
	for i, x := range list {
		out[i] = bot.Shortcut{Trigger: x.Trigger, Flow: x.Flow, Title: x.Title, Draft: x.State == engine.FlowDraft}
	}
	return out
}

func (s shortcuts) Short(ctx context.Context, trigger string, h bot.Heard) (engine.Receipt, error) {
	return s.a.loops.chats.Short(ctx, trigger, s.a.said(h))
}
