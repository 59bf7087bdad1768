package main

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Issue 3: the flow as a picture, as a file that can be shown around.
func TestPictureOfAFlow(t *testing.T) {
	dir := t.TempDir()
	b := opsRoom(t)
	b.cli("flow", "apply", "-f", "examples/tour-asks.yaml")
	for name, has := range map[string]string{"a.svg": "<svg", "a.txt": "Greet"} {
		b.cli("flow", "picture", "tour-asks", "-o", filepath.Join(dir, name))
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(text), has) {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
	b.cli("flow", "picture", "-f", "examples/bug-triage.yaml", "--lang", "fr", "-o", filepath.Join(dir, "b.png"))
	file, err := os.ReadFile(filepath.Join(dir, "b.png"))
	if err != nil {
		t.Fatal(err)
	}
	if img, err := png.Decode(bytes.NewReader(file)); err != nil || img.Bounds().Dx() < 200 {
		t.Errorf("no picture: %v", err)
	}
	for _, args := range [][]string{{"flow", "picture", "tour-asks", "-o", "a.gif"}, {"flow", "picture", "-o", "a.svg"}, {"flow", "picture", "none", "-o", filepath.Join(dir, "c.svg")}} {
		if out, code := b.try("", args...); code == 0 {
			t.Errorf("%v is answered %q", args, out)
		}
	}
}
