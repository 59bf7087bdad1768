package slack

import (
	"sort"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// view is an open dialog as Slack sends it along.
type view struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	CallbackID string `json:"callback_id"`
	Metadata   string `json:"private_metadata"`
	Hash       string `json:"hash"`
	Previous   string `json:"previous_view_id"`
	State      struct {
		Values map[string]map[string]action `json:"values"`
	} `json:"state"`
}

// viewRef begins the Ref of a view.
const viewRef = "view:"

// ref names the view as it is now: its id, its hash, which page of a form it shows, whether it lies upon another, and
// the block ids that are not just the names of their fields. The hash keeps an answer to an older state from
// overwriting a newer one.
func (v view) ref() bot.Ref {
	if v.ID == "" {
		return ""
	}
	_, page := placeOf(v.Metadata)
	upon := ""
	if v.Previous != "" {
		upon = "upon"
	}
	var renewed []string
	for block := range v.State.Values {
		if block != fieldOf(block) {
			renewed = append(renewed, block)
		}
	}
	sort.Strings(renewed)
	return bot.Ref(viewRef + strings.Join([]string{v.ID, v.Hash, upon, page, strings.Join(renewed, "\n")}, "|"))
}

// at is what a view's Ref says.
type at struct {
	id, hash, page string
	upon           bool
	renewed        []string
}

// block is the id of the block that a field has in the view.
func (a at) block(field string) string {
	for _, b := range a.renewed {
		if fieldOf(b) == field {
			return b
		}
	}
	return field
}

// viewAt reads a view's Ref; the id is "" for what is no view.
func viewAt(r bot.Ref) at {
	rest, ok := strings.CutPrefix(string(r), viewRef)
	if !ok {
		return at{}
	}
	parts := append(strings.SplitN(rest, "|", 5), "", "", "", "")
	return at{id: parts[0], hash: parts[1], upon: parts[2] != "", page: parts[3], renewed: strings.Split(parts[4], "\n")}
}

// typed is what stands in the view's inputs.
func (v view) typed() map[string]string {
	fields := map[string]string{}
	for block, elements := range v.State.Values {
		if a, ok := elements[valueID]; ok {
			fields[fieldOf(block)] = a.value()
		}
	}
	return fields
}

// place is where the dialog was opened.
func (d *delivery) place() engine.Place {
	p, _ := placeOf(d.View.Metadata)
	if p.Workspace == "" {
		p.Workspace = d.team()
	}
	return p
}

// dialog is a delivery from a view.
func (d *delivery) dialog(kind bot.InKind) bot.In {
	return bot.In{ID: d.TriggerID, Trigger: d.TriggerID, Kind: kind, Token: d.View.CallbackID, Fields: d.View.typed(), Actor: d.actor(),
		Place: d.place(), Message: d.View.ref()}
}

// submitted is a dialog sent, or one page of it.
func (d *delivery) submitted() bot.In {
	in := d.dialog(bot.InSubmit)
	_, in.Value = placeOf(d.View.Metadata)
	return in
}

// acted is a button in a dialog's body, or a field that acts.
func (d *delivery) acted(a action) (bot.In, error) {
	in := d.dialog(bot.InSubmit)
	in.At = millis(a.TS)
	name, ok := strings.CutPrefix(a.ActionID, actID)
	if !ok {
		name = fieldOf(a.BlockID)
	}
	if name == "" || in.Token == "" {
		return bot.In{}, strange()
	}
	in.Value = bot.ActPrefix + name
	return in, nil
}

// lookedUp is what was typed into a select whose options are looked up.
func (d *delivery) lookedUp() (bot.In, error) {
	in := d.dialog(bot.InLookUp)
	in.Value, in.Text = fieldOf(d.BlockID), d.Value
	if in.ID == "" {
		in.ID = d.EnvelopeID
	}
	if in.ID == "" { // over HTTP a look-up has no id of its own, and needs none: nothing comes of it
		in.ID = "lookup:" + d.View.ID
	}
	if d.View.ID == "" || d.ActionID != valueID || in.Value == "" || in.Token == "" {
		return bot.In{}, strange()
	}
	return in, nil
}
