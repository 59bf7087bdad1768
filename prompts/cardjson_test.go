package prompts

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

func TestCardSurvivesJSON(t *testing.T) {
	line := Line{{Text: "a <b> {{c}}"}, {Kind: Time, At: 5, How: DayClock}, {Kind: Mention, ID: "p1", Text: "Bob", Ping: true}}
	want := Card{Key: "ask:1/x", Tone: ToneQuestion, Title: line, Text: "plain", State: engine.CardOpen, Lang: "en",
		Blocks:  []Block{Para{line}, Facts{[]Fact{{Label: "Will", Value: line, Risky: true}}}, Pre{Text: "{}", Lang: "json"}, Divider{}, Note{line}, Picture{Alt: "a flow", Drawing: Drawing{Title: "a", Nodes: []DrawNode{{ID: "x", Kind: "do", Risk: engine.Write}}}}},
		Buttons: []Button{{ID: "approve", Label: "Approve", Style: Primary, Token: "t"}},
		Menus:   []Menu{{ID: "mute", Token: "u", Options: []Option{{Value: "1h", Label: "an hour"}}}}}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Card
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
}
