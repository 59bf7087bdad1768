package discord

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"sort"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// Registrations are the commands that people find when they type a slash.
type Registrations struct {
	Command  string        // ours: "flow"
	Commands []bot.Command // its verbs
	Own      []bot.Starter // flows' own commands
	Guilds   []string      // ids of the guilds that get those
	Others   []string      // ids of guilds that get none: what was registered there is taken away
}

// Register tells Discord which commands there are: ours everywhere, flows' own in the guilds that are named. Each list
// goes in one request, and only when it changed: what was registered last is remembered through Live.Store, and
// otherwise compared with what Discord has. Call it at start and whenever flows' commands change. Errors: those of
// Post; Denied for a guild that did not allow the bot to have commands.
func (s *Surface) Register(ctx context.Context, r Registrations) error {
	app, err := s.app(ctx)
	if err != nil {
		return err
	}
	if err := s.sync(ctx, "all", route("applications", app.ID, "commands"), append(Registration(r.Command, r.Commands), Shortcuts()...)); err != nil {
		return err
	}
	own := OwnCommands(r.Own)
	var failed error
	for _, g := range r.Guilds {
		if err := s.sync(ctx, g, route("applications", app.ID, "guilds", g, "commands"), own); err != nil && failed == nil {
			failed = err // the others are told nevertheless
		}
	}
	for _, g := range r.Others {
		if was, err := s.live.Load(ctx, keyCommands+g); err == nil && was == "" {
			continue // nothing was ever registered there, and nothing is asked of a stranger's server
		}
		if err := s.sync(ctx, g, route("applications", app.ID, "guilds", g, "commands"), nil); err != nil && failed == nil {
			failed = err
		}
	}
	return failed
}

// sync replaces the commands of one list when they are others.
func (s *Surface) sync(ctx context.Context, list, path string, want []*discord.ApplicationCommand) error {
	if want == nil {
		want = []*discord.ApplicationCommand{}
	}
	text, err := canonical(want)
	if err != nil {
		return engine.AsError(err).WithOp("discord.register")
	}
	sum := sha256.Sum256(append([]byte(path+"\n"), text...))
	hash := hex.EncodeToString(sum[:])
	if was, err := s.live.Load(ctx, keyCommands+list); err == nil && was == hash {
		return nil
	}
	var there []*discord.ApplicationCommand
	where := engine.Place{Surface: "discord", Workspace: list}
	if err := s.call(ctx, where, http.MethodGet, path+"?with_localizations=true", nil, &there); err != nil {
		return err
	}
	if have, err := canonical(there); err != nil || !bytes.Equal(have, text) {
		if err := s.call(ctx, where, http.MethodPut, path, want, nil); err != nil {
			return err
		}
	}
	return s.live.Store(ctx, keyCommands+list, hash)
}

// canonical is what we say about commands, in one order and without what Discord adds.
func canonical(list []*discord.ApplicationCommand) ([]byte, error) {
	type command struct {
		Kind        discord.ApplicationCommandType
		Name, About string
		Names       map[discord.Locale]string
		Abouts      map[discord.Locale]string
		Options     json.RawMessage
	}
	out := make([]command, 0, len(list))
	for _, c := range list {
		x := command{Kind: max(c.Type, discord.ChatApplicationCommand), Name: c.Name, About: c.Description}
		if c.NameLocalizations != nil {
			x.Names = *c.NameLocalizations
		}
		if c.DescriptionLocalizations != nil {
			x.Abouts = *c.DescriptionLocalizations
		}
		options, err := json.Marshal(c.Options)
		if err != nil {
			return nil, err
		}
		var plain any
		if err := json.Unmarshal(options, &plain); err != nil {
			return nil, err
		}
		if x.Options, err = json.Marshal(trimmed(plain)); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	sort.SliceStable(out, func(i, j int) bool {
		return out[i].Kind < out[j].Kind || out[i].Kind == out[j].Kind && out[i].Name < out[j].Name
	})
	return json.Marshal(out)
}

// trimmed leaves out what says nothing: null, false, empty lists and maps.
func trimmed(v any) any {
	switch x := v.(type) {
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = trimmed(e)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, e := range x {
			switch t := trimmed(e).(type) {
			case nil:
			case bool:
				if t {
					out[k] = t
				}
			case []any:
				if len(t) > 0 {
					out[k] = t
				}
			case map[string]any:
				if len(t) > 0 {
					out[k] = t
				}
			default:
				out[k] = t
			}
		}
		return out
	}
	return v
}
