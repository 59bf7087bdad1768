package edit_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine/edit"
)

// What undoes a step is written in one line and read back, by itself and in the line of the whole flow.
func TestUndoInOneLine(t *testing.T) {
	for _, line := range []string{
		`http.request method=POST url="https://t.example/{{ result.body.id }}" json.title=x`,
		`http.request url=https://t.example @account=tracker`,
		`some.action`,
	} {
		m, err := edit.ParseCall(line, catalog{})
		if err != nil {
			t.Fatal(line, err)
		}
		if got, err := edit.CallLine(m); err != nil || got != line {
			t.Errorf("%s becomes %s, %v", line, got, err)
		}
	}
	for line, words := range map[string]string{
		"http.reqest url=x":              `no action is called "http.reqest"`,
		"http.request urll=x":            `there is no field "urll" here`,
		"http.request @retry.max=3":      `there is no setting "retry" here`,
		"http.request url=x then x":      `"then" is not expected here`,
		`"http.request"`:                 "the line begins with an action",
		"http.request json.a=1 json.a=2": "is written twice",
		`http.request url="x`:            "",
	} {
		if _, err := edit.ParseCall(line, catalog{}); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", line, err)
		}
	}
	if m, err := edit.ParseCall(" ", catalog{}); m != nil || err != nil {
		t.Error(m, err)
	}

	flow := `new f when webhook.received path=f then t: http.request method=POST url=https://t.example @undo.do=http.request @undo.with.method=POST @undo.with.url="https://t.example/{{ result.body.id }}"`
	source, err := edit.ParseLine(flow, catalog{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := edit.Line(source); err != nil || got != flow {
		t.Errorf("%s\n%v\n%s", got, err, source)
	}
}
