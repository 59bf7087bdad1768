package build

import (
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/calendar"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
)

// gate reads the dialogs of throttle and dedupe.
func (r *reading) gate(step edit.Map, d prompts.BlockFacts) edit.Map {
	kind, key := d.Kind, "per"
	if kind == "dedupe" {
		key = "key"
	}
	m := sub(step, kind)
	take := func(field, member, stood string) {
		if v, ok := r.got(field, stood); ok {
			m = m.With(member, v)
		}
	}
	take("rate", "rate", d.Rate)
	if v, ok := r.got("key", d.Key); ok && v == "" {
		m = m.Without(key)
	} else if ok {
		m = m.With(key, r.expression("key", v))
	}
	if kind == "throttle" {
		r.need("rate", m.Text("rate"))
		return step.With(kind, m)
	}
	take("for", "for", d.For)
	if v, ok := r.got("mode", d.Mode); ok {
		m = m.With("then", v)
	}
	r.need("key", m.Text("key"))
	r.need("for", m.Text("for"))
	return step.With(kind, m)
}

func digestFacts(d *prompts.BlockFacts, m edit.Map) {
	d.Key, d.For, d.Mode = m.Text("per"), m.Text("for"), m.Text("then")
	for _, member := range []string{"item", "items"} {
		switch v, there := m.Look(member); x := v.(type) {
		case string:
			d.Item = x
		default:
			if there && v != nil {
				d.Item = jsonOf(v)
			}
		}
	}
	if n, ok := m.Get("most").(int); ok {
		d.Most = strconv.Itoa(n)
	}
	d.At = or(m.Text("at"), m.Text("cron"))
	if every := m.Text("every"); every != "" {
		d.At = "every " + every
	}
}

// digest reads the dialog of a digest.
func (r *reading) digest(step edit.Map, d prompts.BlockFacts) edit.Map {
	m := sub(step, "digest")
	if v, ok := r.got("item", d.Item); ok {
		member := "item"
		if m.Get("items") != nil {
			member = "items"
		}
		var x any = r.expression("item", v)
		if data, err := engine.DecodeJSON([]byte(v)); err == nil && (v[0] == '{' || v[0] == '[') {
			x = data
		}
		m = m.With(member, x)
	}
	if v, ok := r.got("at", d.At); ok {
		m = r.digestTime(m, v)
	}
	m = r.put(m, "for", "for", d.For, func(v string) any { return r.duration("for", v) })
	if v, ok := r.got("most", d.Most); ok {
		switch n, err := strconv.Atoi(v); {
		case v == "":
			m = m.Without("most")
		case err != nil || n < 1 || n > flow.MaxDigest:
			r.wrong("most", r.w.t("A number from 1 to {most} is needed here.", "most", flow.MaxDigest))
		default:
			m = m.With("most", n)
		}
	}
	if v, ok := r.got("key", d.Key); ok && v == "" {
		m = m.Without("per")
	} else if ok {
		m = m.With("per", r.expression("key", v))
	}
	if v, ok := r.got("mode", d.Mode); ok && v == "stop" {
		m = m.Without("then")
	} else if ok {
		m = m.With("then", v)
	}
	if m.Get("item") == nil && m.Get("items") == nil {
		r.need("item", "")
	}
	timed := m.Get("at") != nil || m.Get("every") != nil || m.Get("cron") != nil
	switch {
	case timed && m.Get("for") != nil:
		r.wrong("for", r.w.t("It goes out by the clock or after the first, not both."))
	case !timed && m.Get("for") == nil && m.Get("most") == nil:
		r.wrong("at", r.w.t("Say when it goes out: by the clock, after the first, or when there are so many."))
	}
	return step.With("digest", m)
}

// digestTime reads when a digest goes out: plain words, an interval or a cron expression.
func (r *reading) digestTime(m edit.Map, text string) edit.Map {
	m = m.Without("at", "every", "cron")
	if text == "" {
		return m
	}
	_, errs := calendar.Parse(map[string]any{"at": text}, "")
	if errs == nil {
		return m.With("at", text)
	}
	for key, v := range map[string]string{"cron": text, "every": strings.TrimPrefix(text, "every ")} {
		if _, bad := calendar.Parse(map[string]any{key: v}, ""); bad == nil {
			return m.With(key, v)
		}
	}
	r.wrong("at", r.w.say(errs["at"]))
	return m
}
