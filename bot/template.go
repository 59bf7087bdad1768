package bot

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/fields"
)

func (b *Bot) cmdTemplate(ctx context.Context, c *call) (Reply, error) {
	if name := c.args["TEMPLATE"]; name != "" {
		return b.startTemplate(ctx, asPress(c, ""), name)
	}
	return b.templates(ctx, c.caller, c.in)
}

// templates lists what can be started from.
func (b *Bot) templates(ctx context.Context, c *caller, in In) (Reply, error) {
	if err := b.mayTemplate(ctx, c, in); err != nil {
		return nil, err
	}
	var list []prompts.TemplateFacts
	for _, t := range b.o.Templates.List() {
		list = append(list, prompts.TemplateFacts{Name: t.Name, Title: t.Title, Doc: t.Doc})
	}
	dr := &draft{card: prompts.Templates(b.private(c, in.Place, nil), list, every)}
	return b.reply(ctx, c, in, "templates", dr)
}

func (b *Bot) mayTemplate(ctx context.Context, c *caller, in In) error {
	if err := b.unbuilt(); err != nil {
		return err
	}
	if b.o.Templates == nil {
		return engine.E(engine.NotFound, "There are no templates here")
	}
	return b.may(ctx, c, DeedBuild, "", in.Place, false)
}

func (b *Bot) template(name string) (Template, error) {
	var names []string
	for _, t := range b.o.Templates.List() {
		if t.Name == name {
			return t, nil
		}
		names = append(names, t.Name)
	}
	e := engine.E(engine.NotFound, `No template is called "{name}"`, "name", name, "names", strings.Join(names, ", "))
	if near := engine.Suggest(name, names); near != "" {
		e.Args["near"] = near
		return Template{}, e.WithHint("Did you mean {near}?")
	}
	return Template{}, e.WithHint("There are: {names}.")
}

// startTemplate asks what a template cannot know.
func (b *Bot) startTemplate(ctx context.Context, p *press, name string) (Reply, error) {
	if err := b.mayTemplate(ctx, p.caller, p.in); err != nil {
		return nil, err
	}
	t, err := b.template(name)
	if err != nil {
		return nil, err
	}
	return b.openPage(ctx, p, "", page{Name: pageTemplate, What: t.Name})
}

// templateAsk is what a template asks with; what it asks for may be left to be found out by the draft.
func (b *Bot) templateAsk(s *sitting, t Template) (fields.Ask, bool) {
	if t.Asks == nil || len(t.Asks.Fields) == 0 {
		return fields.Ask{}, false
	}
	return fields.Ask{Schema: t.Asks, Choices: b.choices(s.caller, s.lang), Lang: s.lang, Typed: s.typed, Errors: s.errs}, true
}

func (b *Bot) sitTemplate(ctx context.Context, s *sitting) (Template, error) {
	if err := b.mayTemplate(ctx, s.caller, s.in); err != nil {
		return Template{}, err
	}
	return b.template(s.g.What)
}

func (b *Bot) formTemplate(ctx context.Context, s *sitting) (prompts.Form, error) {
	t, err := b.sitTemplate(ctx, s)
	if err != nil {
		return prompts.Form{}, err
	}
	if _, _, err := b.here(ctx, s.caller, s.in.Place); err != nil { // it is among the choices then
		return prompts.Form{}, err
	}
	d := prompts.TemplateFacts{Name: t.Name, Title: t.Title, Doc: t.Doc, Flow: b.unused(ctx, t.Name)}
	if ask, asks := b.templateAsk(s, t); asks {
		d.Fields = fields.Form(ask)
		b.guess(ctx, s, t, d.Fields)
	}
	return prompts.TemplateForm(s.ctx, d, s.in.Token, prompts.Filled{Values: s.typed, Errors: s.errs}), nil
}

// guess fills in what is plain: the channel one is in, the only group there is, the only account that fits. Where an
// account is needed and none fits, the field says how one is stored.
func (b *Bot) guess(ctx context.Context, s *sitting, t Template, list []prompts.Field) {
	var stored []engine.Credential
	if b.o.Accounts != nil && len(t.Accounts) > 0 {
		var err error
		if stored, err = b.o.Accounts(ctx); err != nil {
			b.o.Log.Warn("the stored accounts could not be read", "err", err)
		}
	}
	for i := range list {
		f := &list[i]
		schema := t.Asks.Field(f.Name)
		if schema == nil {
			continue
		}
		if a, ok := t.Accounts[f.Name]; ok {
			offerAccounts(s, f, a, stored)
		}
		if _, typed := s.typed[f.Name]; typed || f.Value != "" {
			continue
		}
		if preset, ok := schema.Default.(string); ok { // it is seen, and can be changed
			f.Value = preset
			if zone := s.ctx.Zone; schema.Format == "timezone" && zone != nil && zone != time.Local {
				f.Value = zone.String()
			}
		}
		if !schema.Required {
			continue
		}
		switch here, known := s.book.channel(s.in.Place); {
		case f.Name == "channel" && known:
			f.Value = here.Place.String()
		case schema.Format == "person-or-group" && len(s.book.groups) == 1:
			f.Value = "@" + s.book.groupNames()[0]
		case schema.Format == "account" && len(f.Options) == 1:
			f.Value = f.Options[0].Value
		}
	}
}

func offerAccounts(s *sitting, f *prompts.Field, a TemplateAccount, stored []engine.Credential) {
	for _, c := range stored {
		scheme, _, _ := strings.Cut(c.Origin, "://")
		if !slices.Contains(a.Schemes, strings.ToLower(scheme)) {
			continue
		}
		label := c.Name + " (" + c.Origin
		if c.User != "" {
			label += ", " + c.User
		}
		f.Options = append(f.Options, prompts.Option{Value: c.Name, Label: label + ")"})
	}
	if len(f.Options) == 0 {
		f.Warn = s.t("None is stored yet. An operator stores one with: {command}", "command", "bretelle secret set "+f.Name+" "+a.Store)
		return
	}
	f.Kind = prompts.FieldOne
	if f.Value != "" && !slices.ContainsFunc(f.Options, func(o prompts.Option) bool { return o.Value == f.Value }) {
		f.Options = append([]prompts.Option{{Value: f.Value, Label: f.Value}}, f.Options...)
	}
}

// unused is a flow's name that is still free, after name.
func (b *Bot) unused(ctx context.Context, name string) string {
	try := name
	for n := int64(2); n < 100; n++ {
		if _, err := b.o.Flows.Head(ctx, try); engine.CodeOf(err) == engine.NotFound {
			return try
		}
		try = name + "-" + itoa(n)
	}
	return name
}

// saveTemplate makes a draft of a template and the answers.
func (b *Bot) saveTemplate(ctx context.Context, s *sitting) (Reply, error) {
	t, err := b.sitTemplate(ctx, s)
	if err != nil {
		return nil, err
	}
	name := strings.TrimSpace(s.said("name", b.unused(ctx, t.Name)))
	if err := b.freeName(ctx, s.caller, name); err != nil {
		s.wrong("name", b.words(s.caller, err))
	}
	values := map[string]any{}
	if ask, asks := b.templateAsk(s, t); asks {
		read, bad := fields.Read(ask, s.typed)
		for field, words := range bad {
			s.wrong(field, words)
		}
		if m, ok := edit.Plain(read).(map[string]any); ok {
			values = m
		}
		b.knownPlaces(ctx, s, t.Asks, values)
	}
	if len(s.errs) > 0 {
		return nil, nil
	}
	text, err := t.Fill(name, values)
	if err != nil {
		return nil, err
	}
	on, with, _, _, err := edit.Trigger(text)
	if err != nil {
		return nil, err
	}
	f, _ := b.o.Drafts.Check(text)
	if f == nil || f.Name != name {
		return nil, engine.E(engine.Internal, "a template gave no flow").WithOp("bot.saveTemplate")
	}
	if err := b.may(ctx, s.caller, DeedBuild, name, f.Channel, false); err != nil {
		return nil, err
	}
	if kind, ok := b.o.Catalog.Trigger(on); ok {
		if b.unfit(s, t, kind, with, values); len(s.errs) > 0 {
			return nil, nil
		}
		if err := b.makeSecret(ctx, s.caller, s.in, name, kind, with); err != nil {
			return nil, err
		}
	}
	if t.Tables != nil {
		if err := b.makeTables(ctx, s, t.Tables(values)); err != nil || len(s.errs) > 0 {
			return nil, err
		}
	}
	if err := b.keepDraft(ctx, s.caller, name, text, 0); err != nil {
		return nil, err
	}
	b.audit(ctx, s.person.ID, "draft.saved", "flow/"+name, "page=template template="+t.Name+" source="+source(s.in))
	return b.showSaved(ctx, s.caller, s.in, name)
}

// makeTables makes what a template begins with. Tables that are there stay as they are. A name that cannot be one is
// in s.errs.
func (b *Bot) makeTables(ctx context.Context, s *sitting, list []TemplateTable) error {
	for _, m := range list {
		if b.o.Tables == nil {
			return nil
		}
		m.Table.By, m.Table.At = s.person.ID, b.now()
		if err := m.Table.Check(); err != nil { // its name was typed
			s.wrong("table", b.words(s.caller, err))
			return nil
		}
		err := b.o.Tables.CreateTable(ctx, m.Table)
		if engine.CodeOf(err) == engine.Conflict {
			continue
		}
		if err != nil {
			return err
		}
		for _, row := range m.Rows {
			if _, _, err := b.o.Tables.PutRow(ctx, m.Table.Name, engine.RowWrite{Key: m.Table.Key(), Values: row, By: s.person.ID}); err != nil {
				return err
			}
		}
		b.audit(ctx, s.person.ID, "table.new", "table/"+m.Table.Name, "page=template rows="+itoa(int64(len(m.Rows)))+" source="+source(s.in))
	}
	return nil
}

// unfit puts what the trigger refuses of its settings under the answers that they came from.
func (b *Bot) unfit(s *sitting, t Template, kind *engine.TriggerKind, with edit.Map, values map[string]any) {
	plain, _ := edit.Plain(with).(map[string]any)
	if kind.Check == nil || t.Asks == nil || plain == nil {
		return
	}
	for setting, e := range kind.Check(plain) {
		for _, f := range t.Asks.Fields {
			if text, ok := values[f.Name].(string); ok && text != "" && text == plain[setting] {
				s.wrong(f.Name, b.words(s.caller, e))
			}
		}
	}
}

// knownPlaces refuses channels that the bot does not know.
func (b *Bot) knownPlaces(ctx context.Context, s *sitting, asks *engine.Schema, values map[string]any) {
	for _, f := range asks.Fields {
		text, ok := values[f.Name].(string)
		if !ok || f.Schema == nil || f.Format != "place" {
			continue
		}
		if _, err := b.readChannel(ctx, s.caller, text); err != nil {
			s.wrong(f.Name, b.words(s.caller, err))
		}
	}
}

// makeSecret makes the secret that a webhook's settings name, where it is the bot's to name and there is none.
func (b *Bot) makeSecret(ctx context.Context, c *caller, in In, name string, kind *engine.TriggerKind, with edit.Map) error {
	if b.o.Secrets == nil || kind.Name != webhookTrigger {
		return nil
	}
	secret := with.Text("secret")
	if inner, ok := with.Get("sender").(edit.Map); ok && secret == "" {
		secret = inner.Text("secret")
	}
	if secret != hookSecret(name) {
		return nil
	}
	return b.ensureOwn(ctx, c, in, name, secret)
}
