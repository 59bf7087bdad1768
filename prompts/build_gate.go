package prompts

// gateFields are the fields of the dialogs of throttle and dedupe.
func (c Ctx) gateFields(m *Form, d BlockFacts, f Filled) {
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
