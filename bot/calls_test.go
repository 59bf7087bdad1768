package bot_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// Nobody starts by a flow of their own what they may not start themselves (RELIABILITY, A-18).
func TestWhoCallsAFlowMayStartIt(t *testing.T) {
	w := newWorkshop(t)
	for _, text := range []string{
		"flow: payroll\nchannel: '#triage'\ntrigger: {on: webhook.received, with: {path: payroll, sender: github}}\nsteps: [{id: a, set: {x: 1}}]\n",
		"flow: mine\nchannel: '#triage'\ntrigger: {on: webhook.received, with: {path: mine, sender: github}}\nsteps: [{id: a, set: {x: 1}}]\n",
	} {
		if _, err := w.lib.Apply(w.ctx, []byte(text), w.ids["mia"], false); err != nil {
			t.Fatal(err)
		}
	}
	w.must(w.types("mia", "/flow admin role bob builder mine"))
	next, problems := flow.Parse([]byte("flow: mine\nchannel: '#triage'\ntrigger: {on: webhook.received, with: {path: mine, sender: github}}\n" +
		"steps:\n  - if: '1 == 1'\n    then: [{id: a, call: {flow: payroll}}]\n"))
	if problems.Bad() {
		t.Fatal(problems)
	}
	err := w.bot.MayReach(w.ctx, w.ids["bob"], next)
	if engine.CodeOf(err) != engine.Denied || !strings.Contains(err.Error(), "This flow calls payroll, which you may not start") {
		t.Errorf("a builder of one flow: %v", err)
	}
	for who, may := range map[string]string{"somebody who may both": w.ids["mia"], "the operator": bot.Operator} {
		if err := w.bot.MayReach(w.ctx, may, next); err != nil {
			t.Errorf("%s: %v", who, err)
		}
	}
	w.must(w.types("mia", "/flow admin role bob runner payroll"))
	if err := w.bot.MayReach(w.ctx, w.ids["bob"], next); err != nil {
		t.Errorf("with the right to start it: %v", err)
	}
}
