package main

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/storage"
)

// keepClass is a class of data that is forgotten after a time.
type keepClass struct {
	name, holds string
	flow        bool // a flow may say otherwise
	of          func(*storage.Keep) *time.Duration
}

// keepClasses are all of them.
func keepClasses() []keepClass {
	return []keepClass{
		{"payloads", "what events and steps of ended runs said", true, func(k *storage.Keep) *time.Duration { return &k.Payloads }},
		{"history", "ended runs, events and what became of them", true, func(k *storage.Keep) *time.Duration { return &k.History }},
		{"keys", "by which an event that comes twice is known", false, func(k *storage.Keep) *time.Duration { return &k.Keys }},
		{"outbox", "notices that were delivered, cards that are closed", false, func(k *storage.Keep) *time.Duration { return &k.Outbox }},
		{"inbox", "ids of deliveries from chat", false, func(k *storage.Keep) *time.Duration { return &k.Inbox }},
		{"messages", "what stands in the console's channels", false, func(k *storage.Keep) *time.Duration { return &k.Messages }},
		{auditClass, "who did what; it holds no payloads", false, func(k *storage.Keep) *time.Duration { return &k.Audit }},
	}
}

const (
	forever    = "forever"
	auditClass = "audit"
)

// keepSetting names the setting of a class, of one flow or of all.
func keepSetting(class, flow string) string {
	if flow == "" {
		return "keep." + class
	}
	return "keep." + class + "." + flow
}

// keepTime reads "30d", "1y" or "forever" (0). At least a day: what was just done is not forgotten by a slip of the pen.
func keepTime(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	if text == forever {
		return 0, nil
	}
	var d time.Duration
	if years, ok := strings.CutSuffix(text, "y"); ok {
		n, err := strconv.Atoi(years)
		if err != nil || n < 1 || n > 100 {
			return 0, engine.E(engine.Invalid, "{text} is not how long something is kept", "text", text).WithHint("Write 30d, 12w, 1y or forever.")
		}
		return time.Duration(n) * 365 * 24 * time.Hour, nil
	}
	d, err := flow.Duration(text)
	if err != nil {
		return 0, engine.E(engine.Invalid, "{text} is not how long something is kept", "text", text).WithHint("Write 30d, 12w, 1y or forever.")
	}
	if d < 24*time.Hour {
		return 0, engine.E(engine.Invalid, "{text} is less than a day", "text", text).WithHint("Write 30d, 12w, 1y or forever.")
	}
	return d, nil
}

// keeping is what holds: the defaults, and what somebody said. What cannot be read keeps for ever.
func (a *app) keeping(ctx context.Context) (storage.Keep, []control.KeepOut, error) {
	k := storage.KeepDefault()
	k.Flows = map[string]storage.FlowKeep{}
	var out []control.KeepOut
	heads, err := a.library.List(ctx)
	if err != nil {
		return k, nil, err
	}
	for _, c := range keepClasses() {
		text, err := a.store.Setting(ctx, keepSetting(c.name, ""))
		if err != nil {
			return k, nil, err
		}
		if text != "" {
			*c.of(&k), _ = keepTime(text)
		}
		out = append(out, control.KeepOut{Class: c.name, For: keepText(*c.of(&k)), Holds: c.holds})
		for _, h := range heads {
			if !c.flow {
				break
			}
			text, err := a.store.Setting(ctx, keepSetting(c.name, h.Name))
			if err != nil {
				return k, nil, err
			}
			if text == "" {
				continue
			}
			d, _ := keepTime(text)
			if d == 0 {
				d = foreverLong
			}
			f := k.Flows[h.Name]
			if c.name == "payloads" {
				f.Payloads = d
			} else {
				f.History = d
			}
			k.Flows[h.Name] = f
			out = append(out, control.KeepOut{Class: c.name, Flow: h.Name, For: text, Holds: c.holds})
		}
	}
	return k, out, nil
}

// foreverLong is for ever where zero means as usual.
const foreverLong = 200 * 365 * 24 * time.Hour

func keepText(d time.Duration) string {
	days := int(d / (24 * time.Hour))
	switch {
	case d == 0:
		return forever
	case days%365 == 0:
		return strconv.Itoa(days/365) + "y"
	}
	return strconv.Itoa(days) + "d"
}

// longLife is the app as the control socket's control.Life.
type longLife struct{ *app }

// Keep sets how long classes are kept, and gives what holds.
func (a longLife) Keep(ctx context.Context, in control.KeepIn) ([]control.KeepOut, error) {
	if in.Flow != "" {
		if _, err := a.library.Head(ctx, in.Flow); err != nil {
			return nil, err
		}
	}
	names := make([]string, 0, len(in.Set))
	for name := range in.Set {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		i := slices.IndexFunc(keepClasses(), func(c keepClass) bool { return c.name == name })
		switch {
		case i < 0:
			return nil, engine.E(engine.Invalid, "{class} is nothing that is kept for a time", "class", name).WithHint("Say payloads, history, keys, outbox, inbox, messages or audit.")
		case in.Flow != "" && !keepClasses()[i].flow:
			return nil, engine.E(engine.Invalid, "{class} is kept alike for all flows", "class", name).WithHint("A flow has payloads and history of its own.")
		}
		if in.Set[name] != "default" {
			d, err := keepTime(in.Set[name])
			if err != nil {
				return nil, err
			}
			if name == auditClass && d > 0 && d < storage.AuditLeast {
				return nil, engine.E(engine.Invalid, "the audit is kept for a year at least").WithHint("Write 1y, 10y or forever.")
			}
		}
	}
	for _, name := range names {
		value := in.Set[name]
		if value == "default" {
			value = ""
		}
		if err := a.store.SetSetting(ctx, keepSetting(name, in.Flow), value); err != nil {
			return nil, err
		}
		if err := a.store.Audit(ctx, engine.AuditEntry{At: engine.Millis(a.now()), Actor: engine.Operator, What: "keep.set",
			Object: keepSetting(name, in.Flow), Detail: in.Set[name]}); err != nil {
			return nil, err
		}
	}
	_, out, err := a.keeping(ctx)
	return out, err
}

// Erase removes what a run was given and gave.
func (a longLife) Erase(ctx context.Context, number int64) error {
	id, err := a.runtime.RunID(ctx, number)
	if err != nil {
		return err
	}
	if err := a.store.Erase(ctx, id); err != nil {
		return err
	}
	return a.store.Audit(ctx, engine.AuditEntry{At: engine.Millis(a.now()), Actor: engine.Operator, What: "run.erased", Object: "run/" + id})
}

// Backup writes one; "" is a new file in the data directory.
func (a longLife) Backup(ctx context.Context, path string) (json.RawMessage, error) {
	about, err := a.backup(ctx, path)
	if err != nil {
		return nil, err
	}
	if err := a.store.Audit(ctx, engine.AuditEntry{At: engine.Millis(a.now()), Actor: engine.Operator, What: "backup.made",
		Object: "backup/" + strconv.FormatInt(about.At, 10), Detail: "last=#" + strconv.FormatInt(about.Last, 10)}); err != nil {
		return nil, err
	}
	return json.Marshal(about)
}
