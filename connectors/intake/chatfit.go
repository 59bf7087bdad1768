package intake

import (
	"context"
	"strings"

	"github.com/bretelle/bretelle/connectors/chat"
	"github.com/bretelle/bretelle/engine"
)

// Each of these gives what is said as events of a trigger with such settings in a flow of such a channel: none when it
// does not fit.

func said(with map[string]any, home engine.Place, s Said) []engine.Item {
	if !speaks(with, chat.FromPeople, s) || !threaded(with, s) || !within(with, home, s) {
		return nil
	}
	if mention, _ := with["mention"].(bool); mention && !s.Mention {
		return nil
	}
	p, bad := chat.ParsePattern(with)
	if bad != nil {
		return nil
	}
	found, ok := p.Match(s.Text)
	if !ok {
		return nil
	}
	matches := make([]any, len(found))
	for i, m := range found {
		matches[i] = m
	}
	files := make([]any, len(s.Files))
	for i, f := range s.Files {
		files[i] = fileData(f)
	}
	data := s.data()
	data["text"], data["by"], data["files"], data["matches"] = s.Text, s.by(), files, matches
	return []engine.Item{{Key: s.key(), Data: data}}
}

func filed(with map[string]any, home engine.Place, s Said) (items []engine.Item) {
	if !speaks(with, chat.FromPeople, s) || !threaded(with, s) || !within(with, home, s) {
		return nil
	}
	for _, f := range s.Files {
		if !chat.FileFits(with, f.Name, f.Type) {
			continue
		}
		data := s.data()
		data["file"], data["text"], data["by"] = fileData(f), s.Text, s.by()
		items = append(items, engine.Item{Key: s.key() + "/" + f.ID, Data: data})
	}
	return items
}

func (c *Chats) reacted(ctx context.Context, with map[string]any, home engine.Place, s Said) ([]engine.Item, error) {
	emoji := c.emoji(s.Emoji)
	if want, _ := with["emoji"].(string); want != "" && c.emoji(want) != emoji || s.By == "" || !within(with, home, s) {
		return nil, nil
	}
	if group, _ := with["from"].(string); group != "" {
		if s.Member == nil {
			return nil, nil
		}
		if ok, err := s.Member(ctx, group); !ok || err != nil {
			return nil, err
		}
	}
	key := s.key() + "/" + emoji
	if once, _ := with["once"].(string); once == chat.OncePerPerson {
		key += "/" + s.By
	}
	data := s.data()
	data["emoji"], data["text"], data["by"], data["author"] = emoji, s.Text, s.by(), s.Author.data()
	return []engine.Item{{Key: key, Data: data}}, nil
}

// emoji is the name that an emoji is compared by.
func (c *Chats) emoji(s string) string {
	if c.Emoji != nil {
		if name, ok := c.Emoji(s); ok {
			s = name
		}
	}
	return chat.EmojiName(s)
}

func joined(with map[string]any, home engine.Place, s Said) []engine.Item {
	if !speaks(with, chat.FromAnyone, s) {
		return nil
	}
	what, _ := with["what"].(string)
	if s.Place.Channel == "" {
		want := wanted(with, home)
		if what != chat.JoinWorkspace || surfaceOf(want) != surfaceOf(s.Place) || want.Workspace != s.Place.Workspace {
			return nil
		}
	} else if what == chat.JoinWorkspace || !within(with, home, s) {
		return nil
	}
	return []engine.Item{{Key: s.space() + "/joined/" + s.ID, Data: map[string]any{"by": s.by(), "place": s.Place.String(), "workspace": s.space()}}}
}

func chosen(s Said) engine.Item {
	data := s.data()
	data["text"], data["by"], data["who"] = s.Text, s.Author.data(), s.by()
	return engine.Item{Key: s.space() + "/chosen/" + s.ID, Data: data}
}

// data is what every event about a message has.
func (s Said) data() map[string]any {
	return map[string]any{"place": s.Place.String(), "thread": s.Place.Thread, "ref": s.Ref}
}

func (s Said) by() map[string]any { return Writer{s.By, s.Name, s.Address}.data() }

func (w Writer) data() map[string]any {
	return map[string]any{"id": w.By, "name": w.Name, "address": w.Address}
}

func fileData(f SaidFile) map[string]any {
	return map[string]any{"id": f.ID, "name": f.Name, "type": f.Type, "size": int(f.Size), "url": f.URL}
}

// key names a message whatever its channel is called by now: the channel's own id is part of the reference.
func (s Said) key() string { return s.space() + "/" + s.Ref }

// space is the workspace, as places begin.
func (s Said) space() string {
	if surfaceOf(s.Place) == engine.ConsoleSurface {
		return engine.ConsoleSurface
	}
	return s.Place.Surface + ":" + s.Place.Workspace
}

func surfaceOf(p engine.Place) string {
	if p.Surface == "" {
		return engine.ConsoleSurface
	}
	return p.Surface
}

// speaks reports whether it is somebody whose messages count.
func speaks(with map[string]any, usual string, s Said) bool {
	from, _ := with["from"].(string)
	if from == "" {
		from = usual
	}
	return from == chat.FromAnyone || s.By != ""
}

// threaded reports whether a message stands where those count that are listened to. The message that a thread begins with
// is not in it.
func threaded(with map[string]any, s Said) bool {
	in := s.Place.Thread != "" && s.Place.Thread != s.Ref
	switch where, _ := with["thread"].(string); where {
	case chat.ThreadTop:
		return !in
	case chat.ThreadReplies:
		return in
	}
	return true
}

// wanted is the channel that is listened to; zero when it cannot be read.
func wanted(with map[string]any, home engine.Place) engine.Place {
	if text, _ := with["place"].(string); text != "" {
		p, err := engine.ParsePlace(text)
		if err != nil {
			return engine.Place{}
		}
		return p
	}
	return home
}

// within reports whether something was said in the channel that is listened to, or in a thread of it. The flow may name it
// by the platform's own id, which references hold.
func within(with map[string]any, home engine.Place, s Said) bool {
	want := wanted(with, home)
	if want.Channel == "" || !strings.EqualFold(surfaceOf(want), surfaceOf(s.Place)) || !strings.EqualFold(want.Workspace, s.Place.Workspace) {
		return false
	}
	if strings.EqualFold(want.Channel, s.Place.Channel) {
		return true
	}
	raw, _, ok := strings.Cut(s.Ref, "/")
	return ok && raw == want.Channel
}
