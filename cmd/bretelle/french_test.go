package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"testing"

	"github.com/bretelle/bretelle/bot/templates"
	"github.com/bretelle/bretelle/connectors/all"
	"github.com/bretelle/bretelle/engine"
)

// What dialogs show of schemas (titles, sentences, the names of choices) stands in structures, not in calls: its French is
// looked for here, where all connectors and templates are known.
func TestDialogsOfSchemasAreFrench(t *testing.T) {
	french := map[string]bool{}
	files, err := filepath.Glob("../../prompts/locale/fr.*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no French", err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(data, &m); err != nil {
			t.Fatal(f, err)
		}
		for id := range m {
			french[id] = true
		}
	}
	lacking := map[string]string{}
	need := func(where string, texts ...string) {
		for _, s := range texts {
			if s != "" && !french[s] {
				lacking[s] = where
			}
		}
	}
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range catalog.Names() {
		a, _ := catalog.Action(name)
		need(name, a.Title, a.Doc)
		asked(name, a.In, need)
	}
	for _, name := range catalog.TriggerNames() {
		k, _ := catalog.Trigger(name)
		need(name, k.Title, k.Doc)
		asked(name, k.With, need)
	}
	for _, x := range templates.All().List() {
		need(x.Name, x.Title, x.Doc)
		asked(x.Name, x.Asks, need)
	}
	texts := make([]string, 0, len(lacking))
	for s := range lacking {
		texts = append(texts, s)
	}
	sort.Strings(texts)
	for _, s := range texts {
		t.Errorf("%s: no French for %q", lacking[s], s)
	}
}

func asked(where string, s *engine.Schema, need func(string, ...string)) {
	if s == nil {
		return
	}
	need(where, s.Title, s.Doc)
	need(where, s.Titles...)
	asked(where, s.Items, need)
	for _, f := range s.Fields {
		asked(where+" "+f.Name, f.Schema, need)
	}
}
