package prompts

// eachFields, whileFields and parallelFields are those of loops and of what goes on side by side.
func (c Ctx) eachFields(m *Form, d BlockFacts, f Filled) {
	m.field(Field{Name: "list", Label: c.t("For each of"), Help: c.t("A list"), Kind: FieldLine, Value: d.List, Preview: d.Preview, Required: true, Example: "{{ event.body.items }}"}, f)
	m.field(Field{Name: "as", Label: c.t("Called"), Help: c.t("How the steps inside name one of them. Left empty: item."), Kind: FieldLine, Value: d.As, Example: "item", Fixed: true}, f)
	m.field(Field{Name: "atonce", Label: c.t("How many at once"), Help: c.t("Left empty: one after the other"), Kind: FieldNumber, Value: d.AtOnce}, f)
	m.field(Field{Name: "batch", Label: c.t("How many in a batch"), Help: c.t("Left empty: each by itself"), Kind: FieldNumber, Value: d.Batch}, f)
	m.field(Field{Name: "mayfail", Label: c.t("How many may fail"), Help: c.t("Left empty: somebody is asked at the first. all: go on whatever fails."), Kind: FieldLine, Value: d.MayFail, Fixed: true, Example: "3"}, f)
}

func (c Ctx) whileFields(m *Form, d BlockFacts, f Filled) {
	m.field(Field{Name: "cond", Label: c.t("As long as"), Help: c.t("A condition, looked at before each round"), Kind: FieldLine, Value: d.Cond, Preview: d.Preview, Required: true, Example: "{{ index == 0 || page.next != nil }}"}, f)
	m.field(Field{Name: "most", Label: c.t("Rounds at most"), Help: c.t("One more fails the step"), Kind: FieldNumber, Value: d.Most, Required: true}, f)
	m.field(Field{Name: "as", Label: c.t("What the round before gave"), Help: c.t("A name for the value of its last step. Left empty: none."), Kind: FieldLine, Value: d.As, Example: "page", Fixed: true}, f)
}

func (c Ctx) parallelFields(m *Form, d BlockFacts, f Filled) {
	m.field(Field{Name: "branches", Label: c.t("Branches"), Help: c.t("One name a line, two at least. Their steps are added afterwards."), Kind: FieldText, Value: d.Branches, Required: true, Fixed: true, Example: "crm"}, f)
	m.field(Field{Name: "join", Label: c.t("Go on when"), Help: c.t("all: when all are through. any: when the first is. 2: when two are."), Kind: FieldLine, Value: d.Join, Fixed: true, Example: "all"}, f)
	losers := d.Losers
	if losers == "" {
		losers = "cancel"
	}
	m.field(Field{Name: "losers", Label: c.t("The others then"), Kind: FieldOne, Value: losers, Options: []Option{
		{Value: "cancel", Label: c.t("are cancelled")}, {Value: "finish", Label: c.t("go on to their end")}}}, f)
}
