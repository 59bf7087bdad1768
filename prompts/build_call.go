package prompts

// callFields are the fields of a call's dialog, emitFields those of an emission's.
func (c Ctx) callFields(m *Form, d BlockFacts, f Filled) {
	m.field(Field{Name: "flow", Label: c.t("Which flow"), Help: c.t("One that starts when it is called"), Kind: FieldLine, Value: d.Flow, Required: true, Fixed: true, Example: "enrich"}, f)
	m.field(Field{Name: "given", Label: c.t("What it is given"), Help: c.t("One a line, name: value, by the names of its input"), Kind: FieldText, Value: d.Given, Example: "email: {{ event.body.email }}"}, f)
	mode := d.Mode
	if mode == "" {
		mode = "wait"
	}
	m.field(Field{Name: "mode", Label: c.t("Then"), Kind: FieldOne, Value: mode, Options: []Option{
		{Value: "wait", Label: c.t("wait for its end")}, {Value: "forget", Label: c.t("go on at once")}}}, f)
	m.field(Field{Name: "version", Label: c.t("Version"), Help: c.t("Left empty: the published one"), Kind: FieldLine, Value: d.Version, Fixed: true, Example: "3"}, f)
}

func (c Ctx) emitFields(m *Form, d BlockFacts, f Filled) {
	m.field(Field{Name: "event", Label: c.t("Event"), Help: c.t("Flows that listen to this name start"), Kind: FieldLine, Value: d.Event, Required: true, Fixed: true, Example: "order-paid"}, f)
	m.field(Field{Name: "key", Label: c.t("Of what"), Help: c.t("What it concerns: the same key is told once. Left empty: each one is new."), Kind: FieldLine, Value: d.Key, Example: "{{ event.body.order }}"}, f)
	m.field(Field{Name: "given", Label: c.t("What goes with it"), Help: c.t("One a line, name: value"), Kind: FieldText, Value: d.Given, Example: "total: {{ event.body.total }}"}, f)
}

// eventFields and hoursFields are those of a wait for an event, and for working hours.
func (c Ctx) eventFields(m *Form, d BlockFacts, f Filled) {
	m.field(Field{Name: "event", Label: c.t("Event"), Help: c.t("As the step that tells it names it"), Kind: FieldLine, Value: d.Event, Required: true, Fixed: true, Example: "order-paid"}, f)
	m.field(Field{Name: "key", Label: c.t("Of what"), Help: c.t("The same key as where it is told"), Kind: FieldLine, Value: d.Key, Required: true, Example: "{{ steps.order.body.id }}"}, f)
	m.field(Field{Name: "for", Label: c.t("At most"), Help: c.t("Left empty: a week"), Kind: FieldLine, Value: d.For, Example: "3d"}, f)
}

func (c Ctx) hoursFields(m *Form, d BlockFacts, f Filled) {
	m.field(Field{Name: "hours", Label: c.t("Working hours"), Help: c.t("Days and times, in the flow's time zone"), Kind: FieldLine, Value: d.Hours, Required: true, Fixed: true, Example: "Mon-Fri 08:00-18:00"}, f)
	m.field(Field{Name: "holidays", Label: c.t("Not on"), Help: c.t("Days with commas: 2026-12-25, or 12-25 for each year"), Kind: FieldLine, Value: d.Holidays, Fixed: true, Example: "12-25, 12-26"}, f)
}
