package main

import (
	"context"

	"github.com/bretelle/bretelle/bot"
)

// inUse are those workspaces of a platform that somebody here has to do with: a person is linked there, an admin added
// one of its channels, or a flow lives or speaks there. Anybody may invite the bot of a Discord application to a server
// of theirs; what flows are called, and what they take, is not for them.
func (a *app) inUse(ctx context.Context, platform string) (map[string]bool, error) {
	ours := map[string]bool{}
	accounts, err := a.store.Accounts(ctx, platform, "")
	if err != nil {
		return nil, err
	}
	for _, id := range accounts {
		ours[id.Workspace] = true
	}
	channels, err := a.store.Channels(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range channels {
		if c.Place.Surface == platform {
			ours[c.Place.Workspace] = true
		}
	}
	heads, err := a.library.List(ctx)
	if err != nil {
		return nil, err
	}
	for _, head := range heads {
		for _, place := range a.placesOf(ctx, head) {
			if place.Surface == platform && head.Live > 0 {
				ours[place.Workspace] = true
			}
		}
	}
	delete(ours, bot.NoWorkspace)
	return ours, nil
}
