package discord

import (
	"slices"
	"strconv"
	"strings"
	"time"

	discord "github.com/bwmarrin/discordgo"
)

// bits are permissions. Discord writes them as decimal text, because there are more than a float carries.
type bits uint64

// UnmarshalJSON reads decimal text, or a number.
func (b *bits) UnmarshalJSON(data []byte) error {
	n, err := strconv.ParseUint(strings.Trim(string(data), `"`), 10, 64)
	if err != nil {
		n = 0 // what cannot be read allows nothing
	}
	*b = bits(n)
	return nil
}

// overwrite changes permissions in one channel, of a role (0) or a member (1).
type overwrite struct {
	ID    string `json:"id"`
	Type  int    `json:"type"`
	Allow bits   `json:"allow"`
	Deny  bits   `json:"deny"`
}

const allBits = ^bits(0)

// permissions is what a member may do in a channel: the roles together, then the channel's overwrites for everybody,
// for the roles together, for the member (discord.com/developers/docs, "Permissions", "Permission Overwrites"). The owner
// and administrators may everything; who is timed out may only look; who cannot see the channel may nothing there. A
// thread has the overwrites of the channel that it is in. id is the guild's.
func permissions(id string, g guild, m member, user string, overwrites []overwrite, now time.Time) bits {
	if user == g.Owner && user != "" {
		return allBits
	}
	var p bits
	for _, r := range g.Roles {
		if r.ID == id || slices.Contains(m.Roles, r.ID) {
			p |= r.Permissions
		}
	}
	if p&discord.PermissionAdministrator != 0 {
		return allBits
	}
	var allow, deny bits
	for _, o := range overwrites {
		switch {
		case o.Type == 0 && o.ID == id:
			p = p&^o.Deny | o.Allow
		case o.Type == 0 && slices.Contains(m.Roles, o.ID):
			allow, deny = allow|o.Allow, deny|o.Deny
		}
	}
	p = p&^deny | allow
	for _, o := range overwrites {
		if o.Type == 1 && o.ID == user {
			p = p&^o.Deny | o.Allow
		}
	}
	if m.timedOut(now) {
		p &= discord.PermissionViewChannel | discord.PermissionReadMessageHistory
	}
	if p&discord.PermissionViewChannel == 0 {
		return 0
	}
	return p
}

// timedOut reports whether a member was silenced for a while.
func (m member) timedOut(now time.Time) bool { return m.Until != nil && m.Until.After(now) }
