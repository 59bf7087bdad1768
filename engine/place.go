package engine

import "strings"

// ConsoleSurface is the surface of places written without one.
const ConsoleSurface = "console"

// Place is where a message stands: surface, workspace (Slack team, Discord guild; empty on the console),
// channel and, optionally, a thread in it.
type Place struct {
	Surface   string
	Workspace string
	Channel   string // "#triage", or a platform's channel id
	Thread    string // the platform's id of the thread; not part of the text form
}

// ParsePlace reads "slack:T0123/#triage", "discord:GUILD/#triage", "console/#triage" or a bare "#triage", which
// is the console's. The error is Invalid.
func ParsePlace(text string) (Place, error) {
	bad := func() (Place, error) {
		return Place{}, E(Invalid, `"{place}" is not a place`, "place", text).
			WithHint("Write #channel, slack:TEAM/#channel or discord:GUILD/#channel.")
	}
	head, channel, ok := strings.Cut(text, "/")
	if !ok {
		if len(text) > 1 && (text[0] == '#' || text[0] == '@') {
			return Place{Surface: ConsoleSurface, Channel: text}, nil
		}
		return bad()
	}
	surface, workspace, _ := strings.Cut(head, ":")
	if surface == "" || channel == "" || strings.ContainsAny(channel, "/\n") {
		return bad()
	}
	if surface != ConsoleSurface && workspace == "" {
		return bad()
	}
	return Place{Surface: surface, Workspace: workspace, Channel: channel}, nil
}

// String is the text form, without the thread; the zero place is "".
func (p Place) String() string {
	switch {
	case p.Channel == "":
		return ""
	case p.Surface == ConsoleSurface || p.Surface == "":
		return p.Channel
	}
	return p.Surface + ":" + p.Workspace + "/" + p.Channel
}

// MarshalText makes a Place its text form in JSON.
func (p Place) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText wrote; "" is the zero place.
func (p *Place) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*p = Place{}
		return nil
	}
	q, err := ParsePlace(string(b))
	*p = q
	return err
}
