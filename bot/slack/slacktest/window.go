package slacktest

import (
	"regexp"
)

func (c *Client) push(v map[string]any) {
	c.T.Helper()
	if len(c.windows) == 3 {
		c.T.Fatal("push_limit_reached")
	}
	w := &window{id: c.next("V"), state: map[string]map[string]any{}}
	c.windows = append(c.windows, w)
	c.show(w, v)
}

// show puts a view into a window. Blocks that were there keep what stands in them.
func (c *Client) show(w *window, v map[string]any) {
	c.T.Helper()
	if c.Check != nil {
		c.Check("view", v)
	}
	old := w.state
	w.view, w.hash, w.state = v, c.next("156772938."), map[string]map[string]any{}
	for _, b := range list(v["blocks"]) {
		if b["type"] != "input" {
			continue
		}
		id := b["block_id"].(string)
		if kept, ok := old[id]; ok {
			w.state[id] = kept
			continue
		}
		w.state[id] = first(b["element"].(map[string]any))
	}
}

// first is what an element holds when it comes up.
func first(e map[string]any) map[string]any {
	out := map[string]any{"type": e["type"]}
	switch e["type"] {
	case "plain_text_input", "number_input":
		out["value"] = e["initial_value"]
	case "checkboxes", "multi_static_select", "multi_external_select":
		out["selected_options"] = []any{}
		if v, ok := e["initial_options"]; ok {
			out["selected_options"] = v
		}
	default:
		out["selected_option"] = e["initial_option"]
	}
	return out
}

func (c *Client) block(w *window, id string) map[string]any {
	for _, b := range list(w.view["blocks"]) {
		if b["block_id"] == id {
			return b
		}
	}
	return nil
}

// has tells whether a field is in the uppermost window.
func (c *Client) has(name string) bool {
	if len(c.windows) == 0 {
		return false
	}
	again := regexp.MustCompile(`^` + regexp.QuoteMeta(name) + `(~[0-9a-f]{8})?$`)
	for _, b := range list(c.windows[len(c.windows)-1].view["blocks"]) {
		if id, _ := b["block_id"].(string); b["type"] == "input" && again.MatchString(id) {
			return true
		}
	}
	return false
}

// field is the block of a field.
func (c *Client) field(name string) (*window, map[string]any) {
	c.T.Helper()
	w := c.top()
	again := regexp.MustCompile(`^` + regexp.QuoteMeta(name) + `(~[0-9a-f]{8})?$`)
	for _, b := range list(w.view["blocks"]) {
		if id, _ := b["block_id"].(string); b["type"] == "input" && again.MatchString(id) {
			return w, b
		}
	}
	c.T.Fatalf("no field %q in %s", name, c.screen())
	return nil, nil
}

func (c *Client) top() *window {
	c.T.Helper()
	if len(c.windows) == 0 {
		c.T.Fatalf("no window is open: %s", c.screen())
	}
	return c.windows[len(c.windows)-1]
}
