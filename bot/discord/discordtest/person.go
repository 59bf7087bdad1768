package discordtest

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/bot/discord"
	"github.com/bretelle/bretelle/prompts"
)

// nothing stands for the empty value of an option, search for "look for others".
const (
	nothing = "∅"
	search  = "∅ search"
)

// sheet is the message that the form is on: the newest one with components.
func (c *Client) sheet() *message {
	for _, m := range c.shown() {
		if len(list(c.has(m)["components"])) > 0 {
			return m
		}
	}
	return nil
}

// component finds a component of a message's rows.
func (c *Client) component(m *message, fits func(x map[string]any) bool) map[string]any {
	if m == nil {
		return nil
	}
	for _, row := range list(c.has(m)["components"]) {
		for _, x := range list(row["components"]) {
			if fits(x) {
				return x
			}
		}
	}
	return nil
}

func idOf(x map[string]any) string { s, _ := x["custom_id"].(string); return s }

// part is a component of the form's message whose id begins so, looked for behind [More] too.
func (c *Client) part(prefix string) (*message, map[string]any) {
	c.T.Helper()
	for range 6 {
		m := c.sheet()
		if x := c.component(m, func(x map[string]any) bool { return strings.HasPrefix(idOf(x), prefix) }); x != nil {
			return m, x
		}
		more := c.component(m, func(x map[string]any) bool { return strings.HasPrefix(idOf(x), "p:more") })
		if more == nil {
			return m, nil
		}
		c.use(m, more)
	}
	return nil, nil
}

func (c *Client) use(m *message, x map[string]any, values ...string) {
	c.T.Helper()
	d := map[string]any{"custom_id": x["custom_id"], "component_type": x["type"]}
	if values != nil {
		d["values"] = values
	}
	c.interact(3, d, m)
}

// Set puts a value into a field; of several choices, one a line. It uses the field's menu or switch on the form's
// message, or opens the dialog that asks for it. A choice that is not in a list is forged.
func (c *Client) Set(field, value string) {
	c.T.Helper()
	opened := c.dialog == nil
	if opened {
		if c.onMessage(field, value) {
			return
		}
		c.page(field)
	}
	if _, ok := c.dialog.state[field]; !ok {
		c.T.Fatalf("no field %q in %s", field, c.Screen())
	}
	switch c.dialog.state[field].(type) {
	case []any:
		vs := []any{}
		for _, v := range chosen(value) {
			if c.Strict && !c.dialog.offers(field, v) {
				c.T.Fatalf("%q is not among the choices of %s: %s", v, field, c.Screen())
			}
			vs = append(vs, v)
		}
		c.dialog.state[field] = vs
	case bool:
		c.dialog.state[field] = value == "true"
	default:
		c.dialog.state[field] = value
	}
	if opened { // what is open already is sent by Save
		c.submit()
	}
}

// offers reports whether a list of the dialog has a choice; one that is looked up by the platform itself has any.
func (d *dialog) offers(field, value string) bool {
	for _, l := range list(d.data["components"]) {
		if in, ok := l["component"].(map[string]any); ok && in["custom_id"] == field {
			return in["options"] == nil || has(in, value)
		}
	}
	return true
}

func chosen(value string) []string {
	out := []string{}
	for _, v := range strings.Split(value, "\n") {
		if v != "" {
			out = append(out, v)
		}
	}
	return out
}

// onMessage uses the menu or the switch of a field; false when it has none.
func (c *Client) onMessage(field, value string) bool {
	c.T.Helper()
	if m, on := c.part("y:" + field + ":"); on != nil {
		if value == "true" {
			c.use(m, on)
		}
		return true
	}
	if m, off := c.part("n:" + field + ":"); off != nil {
		if value == "" {
			c.use(m, off)
		}
		return true
	}
	m, menu := c.part("o:" + field + ":")
	if menu == nil {
		return false
	}
	if has(menu, search) && value != "" && !has(menu, value) {
		c.use(m, menu, search)
		if c.dialog == nil {
			c.T.Fatalf("the search opens no dialog: %s", c.Screen())
		}
		c.dialog.state["text"] = value[max(0, len(value)-4):]
		c.submit()
		if m, menu = c.part("o:" + field + ":"); menu == nil {
			c.T.Fatalf("the menu is gone: %s", c.Screen())
		}
	}
	vs := chosen(value)
	if value == "" && has(menu, nothing) {
		vs = []string{nothing}
	}
	for _, v := range vs {
		if c.Strict && !has(menu, v) {
			c.T.Fatalf("%q is not among the choices of %s: %s", v, field, c.Screen())
		}
	}
	c.use(m, menu, vs...)
	return true
}

func has(menu map[string]any, value string) bool {
	for _, o := range list(menu["options"]) {
		if o["value"] == value {
			return true
		}
	}
	return false
}

// page opens the dialog that asks for a field.
func (c *Client) page(field string) {
	c.T.Helper()
	for _, prefix := range []string{"p:again:", "p:1/", "p:2/", "p:3/", "p:4/"} {
		m, b := c.part(prefix)
		if b == nil {
			continue
		}
		c.use(m, b)
		if c.dialog == nil {
			c.T.Fatalf("%s opens no dialog: %s", prefix, c.Screen())
		}
		if _, ok := c.dialog.state[field]; ok {
			return
		}
		c.dialog = nil // closed
	}
	c.T.Fatalf("no field %q in %s", field, c.Screen())
}

// Choose uses the menu of the newest message that has one whose label begins so; option is a value or a text of it, or
// what a text begins with, and "…".
func (c *Client) Choose(menu, option string) {
	c.T.Helper()
	for _, m := range c.shown() {
		x := c.component(m, func(x map[string]any) bool {
			label, _ := x["placeholder"].(string)
			return x["type"] == 3.0 && strings.HasPrefix(label, menu) && slices.ContainsFunc(list(x["options"]), func(o map[string]any) bool {
				return o["value"] == option || meant(o["label"], option) // a long list stands in several menus
			})
		})
		for _, o := range list(x["options"]) {
			if o["value"] == option || meant(o["label"], option) {
				c.use(m, x, o["value"].(string))
				return
			}
		}
	}
	c.T.Fatalf("no menu %q with %q in %s", menu, option, c.Screen())
}

func meant(label any, option string) bool {
	s, _ := label.(string)
	begin, open := strings.CutSuffix(option, "…")
	return s == option || open && strings.HasPrefix(s, begin)
}

// Value is what stands in a field that is typed: its dialog is opened and closed again.
func (c *Client) Value(field string) string {
	c.T.Helper()
	if c.dialog == nil {
		c.page(field)
		defer func() { c.dialog = nil }()
	}
	s, _ := c.dialog.state[field].(string)
	return s
}

// Close closes the open dialog.
func (c *Client) Close() { c.dialog = nil }

// Press uses a button of the form by its name, or of the newest message with it by its label.
func (c *Client) Press(name string) {
	c.T.Helper()
	if m, b := c.part("a:" + name + ":"); b != nil {
		c.use(m, b)
		return
	}
	for _, m := range c.shown() {
		if b := c.component(m, func(x map[string]any) bool { return x["label"] == name }); b != nil {
			c.use(m, b)
			return
		}
	}
	c.T.Fatalf("no button %q in %s", name, c.Screen())
}

// Save sends the form: its dialog, or from its message. Where a required field is empty there is no button for that;
// a message that is older may have had one, which is forged.
func (c *Client) Save() {
	c.T.Helper()
	if c.dialog != nil {
		c.submit()
		return
	}
	if m, b := c.part("p:save:"); b != nil {
		c.use(m, b)
		return
	}
	for _, prefix := range []string{"p:again:", "p:1/1:"} { // a dialog that is all of the form stands behind one button
		if m, b := c.part(prefix); b != nil {
			if c.use(m, b); c.dialog != nil {
				c.submit()
				return
			}
		}
	}
	if c.Strict {
		c.T.Fatalf("nothing saves this: %s", c.Screen())
	}
	m := c.sheet()
	some := c.component(m, func(x map[string]any) bool { return idOf(x) != "" })
	if some == nil {
		c.T.Fatalf("nothing can be sent from %s", c.Screen())
	}
	id := idOf(some)
	c.use(m, map[string]any{"type": 2, "custom_id": "p:save:" + id[strings.LastIndexByte(id, ':')+1:]})
}

// Screen is all that can be read, the newest first.
func (c *Client) Screen() string {
	var out []string
	if c.dialog != nil {
		b, _ := json.Marshal(c.dialog.data)
		s, _ := json.Marshal(c.dialog.state)
		out = append(out, string(b), string(s))
	}
	for _, m := range c.shown() {
		d := c.has(m)
		if s, _ := d["content"].(string); s != "" {
			out = append(out, unescape(s))
		}
		for _, e := range list(d["embeds"]) {
			s, _ := e["description"].(string)
			out = append(out, unescape(s))
		}
		for _, row := range list(d["components"]) {
			for _, x := range list(row["components"]) {
				label, _ := x["label"].(string)
				if label == "" {
					label, _ = x["placeholder"].(string)
				}
				out = append(out, "["+label+"]")
			}
		}
	}
	return strings.Join(out, "\n")
}

// unescape takes the backslashes of markdown away.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Show puts a card that the bot posted before the person, as a new message.
func (c *Client) Show(card prompts.Card) {
	c.T.Helper()
	b, err := json.Marshal(discord.Message(prompts.Fit(card, discord.Limits())))
	if err != nil {
		c.T.Fatal(err)
	}
	var data map[string]any
	if err := json.Unmarshal(b, &data); err != nil {
		c.T.Fatal(err)
	}
	c.add(&message{id: c.next(), channel: c.Channel, data: data})
}
