package discord

import (
	"testing"
	"time"
)

// The order of the documentation: roles together, then the channel's rules for all, for roles, for the member.
func TestPermissions(t *testing.T) {
	const (
		id     = "1"
		view   = bits(1 << 10)
		speak  = bits(1 << 11)
		admin  = bits(1 << 3)
		attach = bits(1 << 15)
	)
	g := guild{Owner: "owner", Roles: []role{{ID: id, Permissions: view}, {ID: "r", Permissions: speak}, {ID: "q"}, {ID: "boss", Permissions: admin}}}
	now := time.Unix(1_800_000_000, 0)
	until := now.Add(time.Minute)
	past := now.Add(-time.Minute)
	for name, x := range map[string]struct {
		m          member
		user       string
		overwrites []overwrite
		want       bits
	}{
		"everybody's role":               {member{}, "u", nil, view},
		"roles add up":                   {member{Roles: []string{"r"}}, "u", nil, view | speak},
		"a role that is not there":       {member{Roles: []string{"gone"}}, "u", nil, view},
		"the owner":                      {member{}, "owner", []overwrite{{ID: id, Deny: view}}, allBits},
		"an administrator":               {member{Roles: []string{"boss"}}, "u", []overwrite{{ID: id, Deny: view}}, allBits},
		"hidden from all":                {member{Roles: []string{"r"}}, "u", []overwrite{{ID: id, Deny: view}}, 0},
		"hidden but for a role":          {member{Roles: []string{"r"}}, "u", []overwrite{{ID: "r", Allow: view}, {ID: id, Deny: view}}, view | speak},
		"one role allows, one denies":    {member{Roles: []string{"r", "q"}}, "u", []overwrite{{ID: "q", Deny: speak}, {ID: "r", Allow: speak | attach}}, view | speak | attach},
		"the member's own rule is last":  {member{Roles: []string{"r"}}, "u", []overwrite{{ID: "u", Type: 1, Deny: speak}, {ID: "r", Allow: speak}}, view},
		"another member's rule":          {member{}, "u", []overwrite{{ID: "v", Type: 1, Allow: speak}}, view},
		"a member with a role's number":  {member{}, "r", []overwrite{{ID: "r", Type: 0, Allow: speak}}, view},
		"a role's rule without the role": {member{}, "u", []overwrite{{ID: "r", Allow: speak}}, view},
		"timed out":                      {member{Roles: []string{"r"}, Until: &until}, "u", nil, view},
		"timed out long ago":             {member{Roles: []string{"r"}, Until: &past}, "u", nil, view | speak},
		"an owner is never timed out":    {member{Until: &until}, "owner", nil, allBits},
	} {
		if got := permissions(id, g, x.m, x.user, x.overwrites, now); got != x.want {
			t.Errorf("%s: %b, wanted %b", name, got, x.want)
		}
	}
	var b bits
	for text, want := range map[string]bits{`"377957239872"`: 377957239872, `1024`: 1024, `"-1"`: 0, `"x"`: 0, `null`: 0} {
		if _ = b.UnmarshalJSON([]byte(text)); b != want {
			t.Errorf("%s is %d", text, b)
		}
	}
}
