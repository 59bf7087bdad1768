package bot

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// Deed is something a person may want to do.
type Deed string

// The deeds.
const (
	DeedSee     Deed = "see"     // flows, runs, events
	DeedRun     Deed = "run"     // start a flow by hand
	DeedRetry   Deed = "retry"   // try a failed step again as it is, mute its alert
	DeedFix     Deed = "fix"     // try it again with another input
	DeedOutcome Deed = "outcome" // say whether a call happened; stop that run
	DeedDecide  Deed = "decide"  // approve, edit or deny what was asked
	DeedPause   Deed = "pause"   // pause and resume a flow
	DeedBuild   Deed = "build"   // make flows, edit drafts, try them
	DeedPublish Deed = "publish" // make a draft live, roll back
	DeedPeople  Deed = "people"  // persons, roles, groups, channels
)

// Deeds lists every deed, for tests and help.
func Deeds() []Deed {
	return []Deed{DeedSee, DeedRun, DeedRetry, DeedFix, DeedOutcome, DeedDecide, DeedPause, DeedBuild, DeedPublish, DeedPeople}
}

// Subject is who asks, as far as rights go. The zero Subject is a stranger.
type Subject struct {
	Known      bool        // a proven identity led to a person
	Guest, Bot bool        // as the surface says
	Everywhere engine.Role // the person's own role
	Channel    engine.Role // what they are given in the object's channel
	Flow       engine.Role // what they are given for the object's flow
}

// Object is what the deed is about, as far as rights go.
type Object struct {
	Asked  bool     // the person is in a group that this run asks or has asked
	Admins []string // names of those who can allow it, for the answer
}

// granted is the table: what each role may. Deciding an approval is in no row: only being asked gives it, and
// `@approvers` is how a flow asks for a role.
func granted(r engine.Role) string {
	switch r {
	case engine.Viewer:
		return "see"
	case engine.Runner:
		return "see run retry outcome"
	case engine.Builder:
		return "see run retry outcome fix pause build publish"
	case engine.Approver:
		return "see run retry outcome fix"
	case engine.Admin:
		return "see run retry outcome fix pause build publish people"
	}
	return ""
}

// asked is what somebody with any role may do with a run that asked a group they are in.
const asked = "see decide outcome retry"

// Allowed is the one place that decides who may do what (roles x channel x flow). Nothing is allowed that is not
// listed. A nil error allows; otherwise it is Denied (Unsigned for strangers) with a reason for the person.
func Allowed(s Subject, d Deed, o Object) error {
	switch {
	case s.Bot:
		return engine.E(engine.Denied, "Only people can do this, not apps")
	case s.Guest:
		return engine.E(engine.Denied, "Guests of this workspace cannot use me").WithHint("Ask a full member to do it.")
	case !s.Known:
		return engine.E(engine.Unsigned, "I do not know you yet").
			WithHint("Ask an admin for a code, then type: /flow admin claim CODE")
	}
	if may(s, d, o.Asked) {
		return nil
	}
	return no(s, d, o)
}

// may looks the deed up in the table, for each role that the person has towards the object.
func may(s Subject, d Deed, isAsked bool) bool {
	if d == DeedPeople { // persons and groups are everywhere: whoever is admin of one channel is not admin of them
		s.Channel, s.Flow = engine.NoRole, engine.NoRole
	}
	some := false
	for _, r := range []engine.Role{s.Everywhere, s.Channel, s.Flow} {
		deeds := granted(r)
		some = some || deeds != ""
		if listed(deeds, d) {
			return true
		}
	}
	return some && isAsked && listed(asked, d)
}

func listed(deeds string, d Deed) bool {
	for _, w := range strings.Fields(deeds) {
		if w == string(d) {
			return true
		}
	}
	return false
}

// no is the friendly refusal: what one may here, what not, and who can change that.
func no(s Subject, d Deed, o Object) error {
	runs, sees := may(s, DeedRun, false), may(s, DeedSee, o.Asked)
	var e *engine.Error
	switch {
	case d == DeedDecide:
		e = engine.E(engine.Denied, "You are not among those who are asked here")
	case d == DeedPeople:
		e = engine.E(engine.Denied, "Only admins may change people, groups and channels")
	case !sees:
		e = engine.E(engine.Denied, "You may not see flows here")
	case d == DeedRun || d == DeedRetry || d == DeedOutcome:
		e = engine.E(engine.Denied, "You may look at flows here, but not start, retry or stop them")
	case runs:
		e = engine.E(engine.Denied, "You may run flows here, but not change them")
	default:
		e = engine.E(engine.Denied, "You may look at flows here, but not change them")
	}
	if d == DeedDecide {
		return e
	}
	if len(o.Admins) == 0 {
		return e.WithHint("An admin can allow it.")
	}
	e.Args = engine.Args("admins", strings.Join(o.Admins, ", "))
	return e.WithHint("{admins} (admin) can allow it.")
}
