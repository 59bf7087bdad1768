package slack

import (
	"bytes"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/prompts"
)

func TestPictureFile(t *testing.T) {
	p := prompts.Picture{Alt: "one\nstep", Drawing: prompts.Drawing{Title: "Bug triage! <@1>", Nodes: []prompts.DrawNode{{ID: "trigger", Kind: "trigger", Label: "a webhook arrives"}}}}
	name, png, alt, err := PictureFile(p)
	if err != nil || name != "bug-triage-1.png" || !bytes.HasPrefix(png, []byte("\x89PNG")) || strings.ContainsAny(alt, "\n\x00") {
		t.Errorf("%q %d bytes %q %v", name, len(png), alt, err)
	}
	if name, _, _, _ = PictureFile(prompts.Picture{}); name != "flow.png" {
		t.Error(name)
	}
}
