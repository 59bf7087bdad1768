package main

import (
	"encoding/json"
	"testing"
)

// What is done from the shell is in the audit like all that people do: copying everything, and telling an event.
func TestTheShellIsAudited(t *testing.T) {
	b := newBot(t)
	b.start()
	rows := func(name string) int64 {
		t.Helper()
		var made madeBackup
		if err := json.Unmarshal([]byte(b.cli("backup", "--json", t.TempDir()+"/"+name)), &made); err != nil {
			t.Fatal(err)
		}
		return made.Audit
	}
	before := rows("a")
	b.cli("signal", "order-paid", "4711")
	if got := rows("b") - before; got != 2 {
		t.Errorf("%d rows more, wanted one for the backup before and one for the event", got)
	}
}
