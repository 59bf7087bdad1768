package bot

import (
	"context"
	"errors"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Worldwide is a surface on which a user has the same id in every workspace (Discord), so that NoWorkspace means
// something there. On any other, who somebody is depends on surface, workspace and user together, and an identity of no
// workspace is nobody's: a user id of one Slack workspace says nothing in another.
type Worldwide interface{ Worldwide() }

// worldwide reports whether NoWorkspace means something on a surface.
func (b *Bot) worldwide(surface string) bool {
	s, connected := b.surfaces[surface]
	_, ok := s.(Worldwide)
	return ok || !connected // nothing comes from a surface that is not there
}

// GroupLister is a surface that can list its groups, so that they are offered where a flow asks for some.
type GroupLister interface {
	// GroupNames are the groups of a workspace as flows name them ("slack:T0123/@triage"), at most a few hundred. It
	// answers from what it knows when the platform is slow. Errors: Denied, Throttled, Unavailable.
	GroupNames(ctx context.Context, workspace string) ([]string, error)
}

// foreign reports whether a group is one that a surface keeps, a group of its own or a channel's members: who is in it
// cannot be listed here.
func foreign(group string) bool {
	return strings.Contains(group, "/@") || strings.Contains(group, "/#")
}

// unasked is behind an error that says that a surface could not tell who is in a group: nothing may be concluded.
type unasked struct{ cause error }

func (u unasked) Error() string {
	return "the surface could not tell who is in a group: " + u.cause.Error()
}
func (u unasked) Unwrap() error { return u.cause }

// vague reports whether an error only says that a surface could not tell who is in a group.
func vague(err error) bool {
	var u unasked
	return errors.As(err, &u)
}

// unknowable is what somebody is told whose groups could not be looked up: what they did does not count. What is out of
// reach is worth another try; what the bot may not see has to be mended first.
func unknowable(err error, groups []string) error {
	e := engine.AsError(err)
	args := engine.Args("group", prompts.GroupNames("en", groups), "reason", e.Error())
	out := &engine.Error{Code: e.Code, Args: args, After: e.After, Op: "bot.evidence", Err: unasked{err}}
	switch e.Code {
	case engine.Denied, engine.Invalid, engine.NotFound:
		out.Msg, out.Hint = "I may not see who is in {group}, so this does not count", "{reason}"
	default:
		out.Code = engine.Unavailable
		if e.Code == engine.Throttled {
			out.Code = engine.Throttled
		}
		out.Msg, out.Hint = "I could not look up who is in {group}, so this does not count", "Please try again in a minute."
	}
	return out
}

// evidence is which of the asked groups the caller is in, in the words of the flow: what travels with a vote. Where a
// surface cannot tell, the error is vague, and nothing is evident.
func (b *Bot) evidence(ctx context.Context, c *caller, groups []string, place engine.Place, flow map[string]engine.Role) ([]string, error) {
	if !c.known {
		return nil, nil
	}
	var in []string
	theirs := map[string][]string{} // those that surfaces keep, by surface and workspace
	for _, g := range groups {
		if !foreign(g) {
			if has(c.book.members(g, place, flow), c.person.ID) {
				in = append(in, g)
			}
			continue
		}
		at, _, _ := strings.Cut(g, "/")
		theirs[at] = append(theirs[at], g)
	}
	for at, asked := range theirs {
		there, err := b.surfaceGroups(ctx, c, at, asked)
		if err != nil {
			return nil, err
		}
		for _, g := range asked {
			if has(there, g) {
				in = append(in, g)
			}
		}
	}
	sort.SliceStable(in, func(i, j int) bool { return slices.Index(groups, in[i]) < slices.Index(groups, in[j]) }) // as asked
	return in, nil
}

// surfaceGroups asks a surface ("slack:T0123") which of its groups the caller is in, by the identities that are proven
// to be theirs, whatever surface they speak from now.
func (b *Bot) surfaceGroups(ctx context.Context, c *caller, at string, asked []string) ([]string, error) {
	name, workspace, _ := strings.Cut(at, ":")
	s, ok := b.surfaces[name]
	if !ok {
		return nil, nil
	}
	ids, err := b.o.People.Identities(ctx, c.person.ID)
	if err != nil {
		return nil, err
	}
	var out, users []string
	for _, id := range ids {
		here := id.Workspace == workspace || id.Workspace == NoWorkspace && b.worldwide(name)
		if id.Surface != name || !here || has(users, id.User) {
			continue
		}
		users = append(users, id.User)
		groups, err := s.Groups(ctx, Actor{Surface: name, Workspace: workspace, User: id.User, Person: c.person.ID}, asked)
		if err != nil {
			return nil, unknowable(err, asked)
		}
		out = append(out, groups...)
	}
	return out, nil
}

// listWithin is how long surfaces are given to list their groups while a dialog waits to be opened.
const listWithin = 700 * time.Millisecond

// surfaceGroupOptions are the groups that surfaces keep: their own, and the members of the channels that people added.
// What a surface cannot list now is left out: it can be written.
func (b *Bot) surfaceGroupOptions(c *caller, lang string) (out []prompts.Option) {
	ctx, cancel := context.WithTimeout(context.Background(), listWithin)
	defer cancel()
	seen := map[string]bool{}
	for _, ch := range c.book.channels {
		at := ch.Place
		s, ok := b.surfaces[at.Surface]
		if !ok || at.Surface == engine.ConsoleSurface || at.Workspace == "" || at.Workspace == NoWorkspace {
			continue
		}
		if space := at.Surface + ":" + at.Workspace; !seen[space] {
			seen[space] = true
			if l, ok := s.(GroupLister); ok {
				names, err := l.GroupNames(ctx, at.Workspace)
				if err != nil {
					b.o.Log.Debug("a surface's groups could not be listed", "surface", at.Surface, "err", err)
				}
				for _, g := range names {
					out = append(out, prompts.Option{Value: g, Label: prompts.GroupNames(lang, []string{g})})
				}
			}
		}
		if strings.HasPrefix(at.Channel, "#") {
			out = append(out, prompts.Option{Value: at.String(), Label: prompts.GroupNames(lang, []string{at.String()}),
				Help: prompts.T(lang, "whoever is in that channel", nil)})
		}
	}
	return out
}
