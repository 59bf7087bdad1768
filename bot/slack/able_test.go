package slack_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

func (w *outside) post(t *testing.T, s *slack.Surface, text string) bot.Ref {
	t.Helper()
	ref, err := s.Post(t.Context(), w.place("#triage"), "", aCard(text, text))
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func TestReactions(t *testing.T) {
	w := newOutside(t)
	s := w.life()
	at := w.post(t, s, "One")
	_, ts, _ := strings.Cut(string(at), "/")
	for _, emoji := range []string{"👍", "thumbsup", "+1", ":+1:", "👍🏽", "✅", "our_logo"} {
		if err := s.React(t.Context(), w.place("#triage"), at, emoji); err != nil {
			t.Errorf("%s: %v", emoji, err)
		}
	}
	if got := w.Reactions("C0456", ts); !slices.Equal(got, []string{"+1", "our_logo", "white_check_mark"}) {
		t.Error(got)
	}
	w.Fault("reactions.add", slacktest.Fault{Error: "invalid_name", Times: 1})
	if err := s.React(t.Context(), w.place("#triage"), at, "no_such"); engine.CodeOf(err) != engine.Invalid {
		t.Error(err)
	}
	if err := s.React(t.Context(), w.place("#triage"), at, "::"); engine.CodeOf(err) != engine.Invalid {
		t.Error(err)
	}
	if err := s.React(t.Context(), w.place("#triage"), "C0456/1.000001", "👍"); engine.CodeOf(err) != engine.NotFound {
		t.Error(err)
	}
}

func TestDeleteAndThreads(t *testing.T) {
	w := newOutside(t)
	s := w.life()
	at := w.post(t, s, "One")
	p, err := s.Thread(t.Context(), w.place("#triage"), at)
	if err != nil || p.Thread != string(at) {
		t.Fatal(p, err)
	}
	below, err := s.Post(t.Context(), p, "", aCard("below", "Below"))
	if err != nil {
		t.Fatal(err)
	}
	if q, err := s.Thread(t.Context(), w.place("#triage"), below); err != nil || q.Thread != string(at) {
		t.Errorf("an answer to an answer goes to %s: %v", q.Thread, err)
	}
	if err := s.Delete(t.Context(), p, below); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(t.Context(), p, below); engine.CodeOf(err) != engine.NotFound {
		t.Error(err)
	}
	w.Fault("chat.delete", slacktest.Fault{Error: "cant_delete_message", Times: 1})
	if err := s.Delete(t.Context(), p, at); engine.CodeOf(err) != engine.Denied {
		t.Error(err)
	}
	if _, err := s.Thread(t.Context(), w.place("#triage"), below); engine.CodeOf(err) != engine.NotFound {
		t.Error(err)
	}
	opened, first, err := s.OpenThread(t.Context(), w.place("#triage"), "", "key", "Incident <!channel>")
	if err != nil || opened.Thread != string(first) || w.count("Incident &lt;!channel&gt;") != 1 {
		t.Errorf("%+v %s %v %v", opened, first, err, w.Messages("C0456"))
	}
	if _, again, err := w.life().OpenThread(t.Context(), w.place("#triage"), "", "key", "Incident <!channel>"); err != nil || again != first {
		t.Errorf("two threads for one key: %s %s %v", first, again, err)
	}
	under, ref, err := s.OpenThread(t.Context(), w.place("#triage"), at, "key2", "About this")
	if err != nil || under.Thread != string(at) || ref != at || w.count("About this") != 1 {
		t.Errorf("%+v %s %v", under, ref, err)
	}
}

func TestTopic(t *testing.T) {
	w := newOutside(t)
	s := w.life()
	if err := s.SetTopic(t.Context(), w.place("#triage"), "On call: Ann & <Bob>"); err != nil || w.Topic("C0456") != "On call: Ann &amp; &lt;Bob&gt;" {
		t.Errorf("%q %v", w.Topic("C0456"), err)
	}
	if err := s.SetTopic(t.Context(), w.place("#triage"), strings.Repeat("é", 250)); err != nil {
		t.Error(err)
	}
	if err := s.SetTopic(t.Context(), w.place("#triage"), strings.Repeat("é", 251)); engine.CodeOf(err) != engine.Invalid {
		t.Error(err)
	}
	w.Lack(slacktest.Team, "channels:manage")
	if err := s.SetTopic(t.Context(), w.place("#triage"), "x"); engine.CodeOf(err) != engine.Denied || !strings.Contains(err.Error(), "channels:manage") {
		t.Error(err)
	}
}

func TestUpload(t *testing.T) {
	w := newOutside(t)
	s := w.life()
	log := bot.File{Name: "run.log", Type: "text/plain", Data: bytes.Repeat([]byte("line\n"), 1000)}
	pic := bot.File{Name: "flow.png", Data: []byte("png"), Alt: strings.Repeat("é", 900)}
	at := w.post(t, s, "One")
	p := w.place("#triage")
	p.Thread = string(at)
	ref, err := s.Upload(t.Context(), p, "k", "The log of <!here>", log, pic)
	if err != nil || ref == "" {
		t.Fatal(ref, err)
	}
	list := w.Messages("C0456")
	m := list[len(list)-1]
	files := m["files"].([]any)
	if m["text"] != "The log of &lt;!here&gt;" || "C0456/"+m["ts"].(string) != string(ref) || "C0456/"+m["thread_ts"].(string) != string(at) || len(files) != 2 {
		t.Errorf("%v", m)
	}
	if _, alt, data := w.File(files[0].(map[string]any)["id"].(string)); !bytes.Equal(data, log.Data) || alt != "" {
		t.Error("another file arrived")
	}
	if again, err := s.Upload(t.Context(), p, "k", "The log", log); err != nil || again != ref || len(w.Messages("C0456")) != len(list) {
		t.Errorf("%s %v: the same key made another message", again, err)
	}
	w.net.lose = "files.completeUploadExternal"
	if _, err := s.Upload(t.Context(), p, "k2", "Lost", log); engine.CodeOf(err) != engine.Unavailable {
		t.Error(err)
	}
	if again, err := s.Upload(t.Context(), p, "k2", "Lost", log); err != nil || again == "" || w.count("Lost") != 1 {
		t.Errorf("%s %v, %d messages", again, err, w.count("Lost"))
	}
	for _, x := range []struct {
		files []bot.File
		code  engine.Code
	}{{nil, engine.Invalid}, {[]bot.File{{Name: "empty"}}, engine.Invalid}, {[]bot.File{{Data: []byte("x")}}, engine.Invalid},
		{slices.Repeat([]bot.File{log}, 11), engine.Invalid}, {[]bot.File{{Name: "big", Data: make([]byte, 51<<20)}}, engine.TooLarge}} {
		if _, err := s.Upload(t.Context(), p, "", "", x.files...); engine.CodeOf(err) != x.code {
			t.Errorf("%v", err)
		}
	}
	w.Lack(slacktest.Team, "files:write")
	if _, err := s.Upload(t.Context(), p, "", "", log); engine.CodeOf(err) != engine.Denied || !strings.Contains(err.Error(), "files:write") {
		t.Error(err)
	}
}

// pictured is a card with a picture.
func pictured(t *testing.T) prompts.Card {
	t.Helper()
	for _, x := range corpus.Cards("en") {
		for _, b := range x.Card.Blocks {
			if _, ok := b.(prompts.Picture); ok {
				x.Card.Key = "pictured"
				return x.Card
			}
		}
	}
	t.Fatal("no card has a picture")
	return prompts.Card{}
}

func shows(m map[string]any) (id string) {
	list, _ := m["blocks"].([]any)
	for _, b := range list {
		if x, ok := b.(map[string]any); ok && x["type"] == "image" {
			id, _ = x["slack_file"].(map[string]any)["id"].(string)
		}
	}
	return id
}

func TestPictures(t *testing.T) {
	w := newOutside(t)
	s := w.life()
	ref, err := s.Post(t.Context(), w.place("#triage"), "", pictured(t))
	if err != nil {
		t.Fatal(err)
	}
	id := shows(w.Messages("C0456")[0])
	if name, alt, data := w.File(id); name == "" || alt == "" || !bytes.HasPrefix(data, []byte("\x89PNG")) {
		t.Errorf("no picture: %q %q", name, alt)
	}
	if _, err = s.Post(t.Context(), w.place("#triage"), ref, pictured(t)); err != nil || shows(w.Messages("C0456")[0]) != id || w.Calls("files.getUploadURLExternal") != 1 {
		t.Errorf("the picture did not survive an edit: %v", err)
	}
	// Slack is still at work on the file: the card says it in words, the picture hangs below.
	w.Fault("chat.postMessage", slacktest.Fault{Error: "invalid_blocks", Times: 1})
	card := pictured(t)
	card.Key = "second"
	ref, err = s.Post(t.Context(), w.place("#triage"), "", card)
	if err != nil {
		t.Fatal(err)
	}
	list := w.Messages("C0456")
	if m := list[1]; shows(m) != "" || "C0456/"+m["ts"].(string) != string(ref) {
		t.Errorf("%v", m)
	}
	if m := list[2]; len(list) != 3 || m["files"] == nil || "C0456/"+m["thread_ts"].(string) != string(ref) {
		t.Errorf("%v", list)
	}
	// Without the right to send files it stays in words.
	w.Lack(slacktest.Team, "files:write")
	s = w.life()
	card.Key = "third"
	if _, err = s.Post(t.Context(), w.place("#triage"), "", card); err != nil || shows(w.Messages("C0456")[3]) != "" {
		t.Error(err)
	}
}
