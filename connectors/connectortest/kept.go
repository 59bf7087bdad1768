package connectortest

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// tablesOf is the bot's tables as they are before a recorded exchange.
func tablesOf(t testing.TB, rec connectors.Recorded) connectors.Tables {
	t.Helper()
	store := &Tables{}
	for _, tab := range rec.Tables {
		if _, err := store.EnsureTable(context.Background(), tab); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range rec.Rows {
		if _, _, err := store.PutRow(context.Background(), rec.Tables[0].Name, engine.RowWrite{Values: r.Data}); err != nil {
			t.Fatal(err)
		}
	}
	return store
}

func compareRows(t testing.TB, tables connectors.Tables, rec connectors.Recorded) {
	t.Helper()
	if rec.After == nil {
		return
	}
	name, _ := rec.In["table"].(string)
	rows, err := tables.Rows(context.Background(), name, engine.RowQuery{})
	if err != nil {
		t.Fatal(err)
	}
	var have, want []any
	for _, r := range rows {
		have = append(have, r.Data)
	}
	for _, r := range rec.After {
		want = append(want, r.Data)
	}
	a, err := engine.EncodeJSON(have)
	b, err2 := engine.EncodeJSON(want)
	if err != nil || err2 != nil || string(a) != string(b) {
		t.Errorf("the table holds %s, recorded %s", a, b)
	}
}

func compareMails(t testing.TB, have []Mail, want []connectors.Mailed) {
	t.Helper()
	if len(have) != len(want) {
		t.Errorf("%d mails were sent, %d are recorded", len(have), len(want))
		return
	}
	for i, m := range have {
		if m.From != want[i].From || !reflect.DeepEqual(m.To, want[i].To) {
			t.Errorf("mail from %s to %v, recorded from %s to %v", m.From, m.To, want[i].From, want[i].To)
		}
		for _, text := range want[i].Text {
			if !strings.Contains(m.Data, text) {
				t.Errorf("the mail lacks %q:\n%s", text, m.Data)
			}
		}
		if lines := strings.Split(m.Data, "\n"); slices.ContainsFunc(lines, func(l string) bool { return len(l) > 1000 }) {
			t.Error("the mail has lines that are too long (RFC 5322, 2.1.1)")
		}
	}
}
