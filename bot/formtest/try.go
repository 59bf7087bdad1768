package formtest

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/prompts/corpus"
)

// Person is somebody in front of a surface with a desk behind it. What they do becomes frames as the platform sends
// them; what comes back must be what the platform takes, or the test fails.
type Person interface {
	// Meet puts another handler behind the surface; nothing on the screen changes.
	Meet(h bot.Handler)
	// Open gives a command that opens the dialog.
	Open()
	// Set puts a value into a field by the platform's own means, searching where the list is longer than is shown.
	// What the platform's client would not let them do, forged frames do: a choice that is not in the list.
	Set(field, value string)
	// Press uses a button of the dialog's body.
	Press(name string)
	// Save sends the dialog.
	Save()
	// Screen is all that they can read: dialog, messages, errors.
	Screen() string
}

// Try tries every kind of field with every kind of value. new makes a person who has done nothing yet.
func Try(t *testing.T, new func(t *testing.T, h bot.Handler) Person) {
	for _, x := range table() {
		t.Run(x.field+"/"+x.name, func(t *testing.T) {
			d := &Desk{}
			p := new(t, d)
			p.Open()
			if x.field != "line" {
				p.Set("line", "a name")
			}
			for _, s := range x.first {
				p.Set(s[0], s[1])
			}
			p.Set(x.field, x.value)
			if x.restart {
				d = d.Restart()
				p.Meet(d)
			}
			if x.expired {
				d.Forget()
			}
			p.Save()
			saved := d.Saved()
			switch {
			case x.expired:
				if saved != nil || !strings.Contains(p.Screen(), "changed after you opened it") && !strings.Contains(p.Screen(), "is asleep") {
					t.Errorf("saved %v; the screen says %.600s", saved, p.Screen())
				}
			case x.says != "":
				if saved != nil || !strings.Contains(p.Screen(), x.says) {
					t.Errorf("saved %v; the screen says %.600s", saved, p.Screen())
				}
				p.Set(x.field, x.then) // and it is mended, with everything else kept
				p.Save()
				if saved = d.Saved(); saved[x.field] != x.then || x.field != "line" && saved["line"] != "a name" {
					t.Errorf("mended, saved %v", saved)
				}
			case saved[x.field] != x.want:
				t.Errorf("saved %.200q, not %.200q; the screen says %.600s", saved[x.field], x.want, p.Screen())
			}
			for k, v := range x.also {
				if saved[k] != v {
					t.Errorf("saved %s as %q, not %q", k, saved[k], v)
				}
			}
		})
	}
}

// TryInsert tries a list that inserts, previews, warnings and a button, on surfaces where each is used by itself.
func TryInsert(t *testing.T, new func(t *testing.T, h bot.Handler) Person) {
	d := &Desk{}
	p := new(t, d)
	p.Open()
	p.Set("line", "a name")
	for range 2 {
		p.Set("insert", "{{ event.body.f3 }}")
	}
	if s := p.Screen(); !strings.Contains(s, "value of") {
		t.Errorf("no preview: %.800s", s)
	}
	p.Set("text", "isue")
	p.Set("insert", "{{ event.body.f29 }}")
	if s := p.Screen(); !strings.Contains(s, "Did you mean issue?") {
		t.Errorf("no warning: %.800s", s)
	}
	p.Press("back")
	if s := p.Screen(); !strings.Contains(s, "Back.") {
		t.Errorf("the button does nothing: %.600s", s)
	}
	p.Save()
	if s := d.Saved(); s["text"] != "isue{{ event.body.f29 }}" || s["insert"] != "" || s["line"] != "a name" {
		t.Errorf("saved %q", s)
	}
}

type try struct {
	field, name, value string
	want               string            // what is saved
	says               string            // what is wrong with it
	then               string            // what mends it
	also               map[string]string // saved, too
	first              [][2]string       // set before
	expired, restart   bool
}

// table is every kind of field and (good, wrong type, missing, too long, hostile text, expired dialog, restart).
func table() []try {
	long := strings.Repeat("a", Most+1)
	var hostile string
	for _, s := range corpus.Hostile() {
		if len(s) < 300 && !strings.ContainsAny(s, "\n\r") && len(hostile) < 600 && strings.TrimSpace(s) != "" {
			hostile += s + " "
		}
	}
	hostile = strings.ToValidUTF8(strings.Map(printable, hostile), "?") + "."
	good := map[string]string{"line": "a name", "text": "one\ntwo", "number": "42", "check": "true", "one": "a", "many": "x\nz", "kind": "a",
		"toggle": "true", "live": "action.number317", "long": "l129"}
	var out []try
	for _, f := range []string{"line", "text", "number", "check", "one", "many", "kind", "toggle", "live", "long"} {
		v := good[f]
		out = append(out, try{field: f, name: "good", value: v, want: v}, try{field: f, name: "restart", value: v, want: v, restart: true},
			try{field: f, name: "expired", value: v, expired: true})
	}
	return append(out,
		try{field: "line", name: "missing", value: "", says: "Write something", then: "now"},
		try{field: "line", name: "too long", value: long, says: "At most 2000", then: "shorter"},
		try{field: "line", name: "hostile", value: hostile, want: hostile},
		try{field: "text", name: "missing", value: "", want: ""},
		try{field: "text", name: "too long", value: long, says: "At most 2000", then: "shorter"},
		try{field: "text", name: "hostile", value: hostile, want: hostile},
		try{field: "text", name: "hostile and shown", value: hostile, want: hostile, first: [][2]string{{"text", hostile}, {"toggle", "true"}}},
		try{field: "number", name: "wrong type", value: "{{ event.n }}", says: "Write a whole number", then: "7"},
		try{field: "number", name: "missing", value: "", want: ""},
		try{field: "check", name: "missing", value: "", want: ""},
		try{field: "one", name: "wrong type", value: "zzz", says: "is not a choice", then: "a"},
		try{field: "one", name: "missing", value: "", want: ""},
		try{field: "many", name: "wrong type", value: "x\nzzz", says: "is not a choice", then: "x"},
		try{field: "many", name: "missing", value: "", want: ""},
		try{field: "extra", name: "good", value: "more", want: "more", first: [][2]string{{"kind", "b"}}, also: map[string]string{"kind": "b"}},
		try{field: "live", name: "wrong type", value: "no.such.action", says: "is not a choice", then: "action.number001"},
		try{field: "long", name: "missing", value: "", want: ""},
		try{field: "number", name: "too long", value: long, says: "At most 2000", then: "7"},
		try{field: "number", name: "hostile", value: hostile, says: "Write a whole number", then: "7"},
		try{field: "one", name: "hostile", value: hostile, says: "is not a choice", then: "a"},
		try{field: "many", name: "hostile", value: hostile, says: "is not a choice", then: "x"},
		try{field: "live", name: "hostile", value: hostile, says: "is not a choice", then: "action.number001"},
		try{field: "long", name: "wrong type", value: "zzz", says: "is not a choice", then: "l001"},
		try{field: "toggle", name: "missing", value: "", want: ""},
		try{field: "extra", name: "missing", value: "", says: "Write something", then: "more", first: [][2]string{{"kind", "b"}}},
		try{field: "extra", name: "restart", value: "more", want: "more", first: [][2]string{{"kind", "b"}}, restart: true},
		try{field: "extra", name: "expired", value: "more", first: [][2]string{{"kind", "b"}}, expired: true},
	)
}

// printable leaves out what clients do not let through: control characters.
func printable(r rune) rune {
	if r < 0x20 || r == 0x7f || r == 0xfeff || r == 0xfffd {
		return -1
	}
	return r
}
