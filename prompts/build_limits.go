package prompts

// LimitFacts is when a flow's runs may begin, how long they last and how much they may do, as its text has it; "" is
// without limit.
type LimitFacts struct {
	Flow        string
	Concurrency string // runs at a time
	Per         string // counted apart by this
	Full        string // queue, drop, replace, coalesce
	Order       string // runs of one key begin one after the other
	Time        string // how long a run lasts at most, "2h"
	// Budget is how many calls of a risk there may be, "50/h", by the risk's name.
	Budget map[string]string
}

// LimitsForm asks for a flow's limits: fields concurrency, per, when_full, order, time, and budget.RISK for each risk.
// Button back.
func LimitsForm(c Ctx, d LimitFacts, token string, f Filled) Form {
	m := c.form("limits:"+d.Flow, token, c.t("Limits"), c.t("Save"), f)
	full := d.Full
	if full == "" {
		full = "queue"
	}
	m.field(Field{Name: "concurrency", Label: c.t("Runs at a time"), Help: c.t("Left empty: as many as come"), Kind: FieldNumber, Value: d.Concurrency}, f)
	m.field(Field{Name: "per", Label: c.t("For each"), Help: c.t("Counted apart for each. Left empty: all together."), Kind: FieldLine, Value: d.Per, Example: "{{ event.body.customer }}"}, f)
	m.field(Field{Name: "when_full", Label: c.t("What comes while it is full"), Kind: FieldOne, Value: full, Options: []Option{
		{Value: "queue", Label: c.t("waits its turn")}, {Value: "drop", Label: c.t("is skipped")},
		{Value: "replace", Label: c.t("takes the place of the oldest")}, {Value: "coalesce", Label: c.t("only the newest of it waits")}}}, f)
	m.field(Field{Name: "order", Label: c.t("One after the other for each"), Help: c.t("A run begins when the one before it has ended. Left empty: no order."), Kind: FieldLine, Value: d.Order, Example: "{{ event.body.order }}"}, f)
	m.field(Field{Name: "time", Label: c.t("A run lasts at most"), Help: c.t("Waits count too. Left empty: no limit."), Kind: FieldLine, Value: d.Time, Example: "2h", Fixed: true}, f)
	much := c.t("At most so many in a time: 50/h or 1000/d. 0: asked each time. Left empty: no limit.")
	for _, x := range []Field{{Name: "budget.send", Label: c.t("Messages to people outside")}, {Name: "budget.destroy", Label: c.t("Calls that delete")},
		{Name: "budget.write", Label: c.t("Calls that change things")}, {Name: "budget.read", Label: c.t("Calls that only read")}} {
		x.Kind, x.Help, x.Example, x.Value, x.Fixed = FieldLine, much, "50/h", d.Budget[x.Name[len("budget."):]], true
		m.field(x, f)
	}
	m.act("back", c.t("Back"))
	return m
}

// CollectFacts is what a trigger collects before a run begins, and what it expects, as its text has it.
type CollectFacts struct {
	Flow    string
	Mode    string // each, debounce, batch
	For     string // how long: without anything coming, or of a batch
	Until   string // of a debounce: at the latest
	Most    string // of a batch: events
	Per     string // collected apart by this
	AtLeast string // people are told when fewer come …
	Every   string // … in this time; "" expects nothing
}

// CollectForm asks what a trigger collects and expects: fields mode, for, until of a debounce, most of a batch, per,
// at_least, every. Button back.
func CollectForm(c Ctx, d CollectFacts, token string, f Filled) Form {
	m := c.form("collect:"+d.Flow, token, c.t("Collect and expect"), c.t("Save"), f)
	mode := d.Mode
	if v := f.Values["mode"]; v != "" {
		mode = v
	}
	m.field(Field{Name: "mode", Label: c.t("A run begins"), Kind: FieldOne, Value: mode, Acts: true, Options: []Option{
		{Value: "each", Label: c.t("for each event on its own")}, {Value: "debounce", Label: c.t("when it is quiet, for the last event")},
		{Value: "batch", Label: c.t("for several events together")}}}, f)
	per := Field{Name: "per", Label: c.t("For each"), Help: c.t("Collected apart for each. Left empty: all together."), Kind: FieldLine, Value: d.Per, Example: "{{ event.body.customer }}"}
	switch mode {
	case "debounce":
		m.field(Field{Name: "for", Label: c.t("Nothing has come for"), Kind: FieldLine, Value: d.For, Required: true, Example: "30s", Fixed: true}, f)
		m.field(Field{Name: "until", Label: c.t("At the latest after"), Help: c.t("From the first event on. Left empty: as long as it takes."), Kind: FieldLine, Value: d.Until, Example: "5m", Fixed: true}, f)
		m.field(per, f)
	case "batch":
		m.field(Field{Name: "for", Label: c.t("What comes in"), Help: c.t("From the first event on"), Kind: FieldLine, Value: d.For, Example: "1m", Fixed: true}, f)
		m.field(Field{Name: "most", Label: c.t("Events at most"), Help: c.t("Left empty: 100"), Kind: FieldNumber, Value: d.Most}, f)
		m.field(per, f)
	}
	m.field(Field{Name: "at_least", Label: c.t("Expect at least"), Help: c.t("Events. You are told when fewer come."), Kind: FieldNumber, Value: d.AtLeast}, f)
	m.field(Field{Name: "every", Label: c.t("in"), Help: c.t("Left empty: nothing is expected"), Kind: FieldLine, Value: d.Every, Example: "1d", Fixed: true}, f)
	m.act("back", c.t("Back"))
	return m
}
