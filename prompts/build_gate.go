package prompts

// gateFields are the fields of the dialogs of throttle, dedupe and digest.
func (c Ctx) gateFields(m *Form, d BlockFacts, f Filled) {
	if d.Kind == "digest" {
		c.digestFields(m, d, f)
		return
	}
	if d.Kind == "throttle" {
		m.field(Field{Name: "rate", Label: c.t("How many in which time"), Help: c.t("The others wait their turn"), Kind: FieldLine, Value: d.Rate, Required: true, Fixed: true, Example: "10/m"}, f)
		m.field(Field{Name: "key", Label: c.t("Of what"), Help: c.t("Counted apart for each. Left empty: all together."), Kind: FieldLine, Value: d.Key, Example: "{{ event.body.customer }}"}, f)
		return
	}
	m.field(Field{Name: "key", Label: c.t("Of what"), Help: c.t("What tells one thing from another"), Kind: FieldLine, Value: d.Key, Required: true, Example: "{{ event.body.order }}"}, f)
	m.field(Field{Name: "for", Label: c.t("How long it is remembered"), Kind: FieldLine, Value: d.For, Required: true, Fixed: true, Example: "1d"}, f)
	mode := d.Mode
	if mode == "" {
		mode = "stop"
	}
	m.field(Field{Name: "mode", Label: c.t("The later ones"), Kind: FieldOne, Value: mode, Options: []Option{
		{Value: "stop", Label: c.t("end here")}, {Value: "skip", Label: c.t("go on, and the step says that they are not the first")}}}, f)
}

func (c Ctx) digestFields(m *Form, d BlockFacts, f Filled) {
	m.field(Field{Name: "item", Label: c.t("What is added"), Help: c.t("By each run. Later steps read all of it as items of this step."), Kind: FieldLine, Value: d.Item, Preview: d.Preview, Required: true, Example: "{{ event.body.title }}"}, f)
	m.field(Field{Name: "at", Label: c.t("Goes out at"), Help: c.t("Left empty: so long after the first, or when there are so many."), Kind: FieldLine, Value: d.At, Fixed: true, Example: "every weekday at 9:00"}, f)
	m.field(Field{Name: "for", Label: c.t("Or so long after the first"), Kind: FieldLine, Value: d.For, Fixed: true, Example: "1h"}, f)
	m.field(Field{Name: "most", Label: c.t("As soon as there are"), Help: c.t("At 1,000 it goes out in any case."), Kind: FieldLine, Value: d.Most, Fixed: true, Example: "20"}, f)
	m.field(Field{Name: "key", Label: c.t("Of what"), Help: c.t("Collected apart for each. Left empty: all together."), Kind: FieldLine, Value: d.Key, Example: "{{ event.body.customer }}"}, f)
	mode := d.Mode
	if mode == "" {
		mode = "stop"
	}
	m.field(Field{Name: "mode", Label: c.t("Runs that only added"), Kind: FieldOne, Value: mode, Options: []Option{
		{Value: "stop", Label: c.t("end here")}, {Value: "skip", Label: c.t("go on, and the step says that nothing went out")}}}, f)
}
