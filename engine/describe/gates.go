package describe

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

func throttle(t *flow.Throttle) engine.Text {
	if t.By == nil {
		return engine.Say("at most {most} in {time}, the others wait their turn", "most", t.Most, "time", flow.DurationText(t.Per))
	}
	return engine.Say("at most {most} in {time} of each {key}, the others wait their turn", "most", t.Most, "time", flow.DurationText(t.Per), "key", source(t.By))
}

func dedupe(d *flow.Dedupe) engine.Text {
	if d.Skip {
		return engine.Say("whether {key} is new in {time}", "key", source(d.Key), "time", flow.DurationText(d.For))
	}
	return engine.Say("only the first of {key} in {time}, the others end here", "key", source(d.Key), "time", flow.DurationText(d.For))
}

func digest(d *flow.Digest) engine.Text {
	what := d.Item
	if d.Items != nil {
		what = d.Items
	}
	var when engine.Text
	switch {
	case d.Times != nil && d.Most > 0:
		when = engine.Say("{time}, or when there are {most}", "time", d.When, "most", d.Most)
	case d.Times != nil:
		when = verbatim(d.When)
	case d.For > 0 && d.Most > 0:
		when = engine.Say("{time} after the first, or when there are {most}", "time", flow.DurationText(d.For), "most", d.Most)
	case d.For > 0:
		when = engine.Say("{time} after the first", "time", flow.DurationText(d.For))
	default:
		when = engine.Say("when there are {most}", "most", d.Most)
	}
	if d.Per == nil {
		return engine.Say("{what} is collected, and goes on together: {when}", "what", source(what), "when", when)
	}
	return engine.Say("{what} is collected for each {key}, and goes on together: {when}", "what", source(what), "key", source(d.Per), "when", when)
}
