package bottest

import (
	"errors"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Contract holds a surface to what all of them promise.
func Contract(t *testing.T, make Make) {
	for name, try := range map[string]func(t *testing.T, h *Host, w *World){
		"post and edit":          postAndEdit,
		"a message that is gone": gone,
		"no such channel":        nowhere,
		"click and choose":       click,
		"dialog":                 dialog,
		"dialog of a restart":    dialogAfterRestart,
		"private answer":         whisper,
		"refusal":                refusal,
		"thread":                 thread,
		"completion":             complete,
		"upload":                 upload,
		"delivered twice":        twice,
		"another life":           anotherLife,
		"reconnect":              reconnect,
		"stop":                   stop,
		"hostile text":           hostile,
	} {
		t.Run(name, func(t *testing.T) {
			h := NewHost()
			try(t, h, make(t, h))
		})
	}
}

// post makes a card stand in the world's place.
func (w *World) post(t *testing.T, p engine.Place, at bot.Ref, c prompts.Card) bot.Ref {
	t.Helper()
	ref, err := w.Surface.Post(t.Context(), p, at, prompts.Fit(c, w.Surface.Limits()))
	if err != nil || ref == "" {
		t.Fatalf("posting gave %q, %v", ref, err)
	}
	return ref
}

func sees(t *testing.T, p Person, texts ...string) {
	t.Helper()
	p.Until(strings.Join(texts, " and "), func() bool {
		for _, x := range texts {
			if !strings.Contains(p.Screen(), x) {
				return false
			}
		}
		return true
	})
}

// given waits for the n-th delivery of a kind and gives it. Nothing else may come of that kind before.
func given(t *testing.T, p Person, h *Host, kind bot.InKind, n int) bot.In {
	t.Helper()
	p.Until(string(kind), func() bool { return len(h.Got(kind)) >= n })
	got := h.Got(kind)
	if len(got) != n {
		t.Fatalf("%d deliveries of %s, not %d: %+v", len(got), kind, n, got)
	}
	return got[n-1]
}

func postAndEdit(t *testing.T, _ *Host, w *World) {
	bob, n := w.Person("bob"), w.Messages()
	ref := w.post(t, w.Place, "", Card("ask:1/review", "Ticket for “Spelling error”?"))
	sees(t, bob, "Ticket for “Spelling error”?", Approve)
	decided := Card("ask:1/review", "Bob approved at 14:23")
	decided.State, decided.Buttons, decided.Menus = engine.CardDecided, nil, nil
	if again := w.post(t, w.Place, ref, decided); again != ref {
		t.Errorf("the edited message is %q, not %q", again, ref)
	}
	sees(t, bob, "Bob approved at 14:23")
	if s := bob.Screen(); strings.Contains(s, "Spelling error") || strings.Contains(s, Approve) {
		t.Errorf("the old text still stands: %s", s)
	}
	if got := w.Messages() - n; got != 1 {
		t.Errorf("%d messages for one card", got)
	}
}

func gone(t *testing.T, _ *Host, w *World) {
	if w.Delete == nil {
		t.Skip("messages stay on this surface")
	}
	ref := w.post(t, w.Place, "", Card("ask:1/review", "Here today"))
	w.Delete(ref)
	if _, err := w.Surface.Post(t.Context(), w.Place, ref, Card("ask:1/review", "Here tomorrow")); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("editing a message that is gone gives %v", err)
	}
	if ref2 := w.post(t, w.Place, "", Card("ask:1/review", "Here again")); ref2 == ref && w.Place.Surface != engine.ConsoleSurface {
		t.Errorf("it is the message that is gone: %q", ref2)
	}
}

func nowhere(t *testing.T, _ *Host, w *World) {
	p := w.Place
	p.Channel = "#never-heard-of"
	_, err := w.Surface.Post(t.Context(), p, "", Card("ask:1/review", "Lost"))
	if c := engine.CodeOf(err); c != engine.NotFound && c != engine.Denied {
		t.Errorf("posting nowhere gives %v", err)
	}
	if e := engine.AsError(err); w.Place.Surface != engine.ConsoleSurface && e.Hint == "" {
		t.Errorf("nothing is said about what to do: %v", err)
	}
}

func click(t *testing.T, h *Host, w *World) {
	bob := w.Person("bob")
	ref := w.post(t, w.Place, "", Card("ask:1/review", "Ticket?"))
	sees(t, bob, "Ticket?")
	bob.Press(Approve)
	in := given(t, bob, h, bot.InPress, 1)
	if in.Token != approveToken || in.Message != ref || in.Actor.User == "" || in.Actor.Bot || in.Actor.Guest || in.ID == "" {
		t.Errorf("the press came as %+v", in)
	}
	if in.Place.String() != w.Place.String() {
		t.Errorf("pressed in %s, it came from %s", w.Place, in.Place)
	}
	kim := w.Person("kim")
	sees(t, kim, "Ticket?")
	kim.Choose(Later, "1d")
	other := given(t, kim, h, bot.InChoose, 1)
	if other.Token != laterToken || other.Value != "1d" || other.Actor.User == in.Actor.User {
		t.Errorf("the choice came as %+v", other)
	}
}

func dialog(t *testing.T, h *Host, w *World) {
	ann := w.Person("ann")
	ann.Command("form")
	sees(t, ann, "Every kind of field")
	ann.Set("line", "a name")
	ann.Set("text", "two\nlines")
	ann.Set("number", "many")
	ann.Save()
	sees(t, ann, "Write a whole number")
	if h.desk.Saved() != nil {
		t.Fatal("what is wrong was taken")
	}
	ann.Set("number", "7")
	ann.Save()
	ann.Until("what was typed is saved", func() bool { return h.desk.Saved() != nil })
	if got := h.desk.Saved(); got["line"] != "a name" || got["text"] != "two\nlines" || got["number"] != "7" {
		t.Errorf("saved %v", got)
	}
	if s := w.Person("bob").Screen(); strings.Contains(s, "Every kind of field") || strings.Contains(s, "a name") {
		t.Errorf("somebody else sees the dialog: %s", s)
	}
}

func dialogAfterRestart(t *testing.T, h *Host, w *World) {
	ann := w.Person("ann")
	ann.Command("form")
	sees(t, ann, "Every kind of field")
	ann.Set("line", "a name")
	heir := h.Heir()
	w.Again(heir)
	ann.Save()
	ann.Until("what was typed is saved by the next life", func() bool { return heir.desk.Saved()["line"] == "a name" })
}

func whisper(t *testing.T, _ *Host, w *World) {
	ann, bob := w.Person("ann"), w.Person("bob")
	ann.Command("whisper ann")
	sees(t, ann, "For ann alone")
	w.post(t, w.Place, "", Card("ask:1/review", "For everybody"))
	sees(t, bob, "For everybody")
	if s := bob.Screen(); strings.Contains(s, "For ann alone") {
		t.Errorf("bob reads it too: %s", s)
	}
}

func refusal(t *testing.T, _ *Host, w *World) {
	ann, bob, n := w.Person("ann"), w.Person("bob"), w.Messages()
	ann.Command("refuse")
	sees(t, ann, "You may run flows here, but not change them", "Ann (admin) can allow it.")
	if s := bob.Screen(); strings.Contains(s, "but not change them") {
		t.Errorf("bob reads it too: %s", s)
	}
	if got := w.Messages(); got != n && w.Place.Surface != engine.ConsoleSurface {
		t.Errorf("%d messages stand in the channel for a refusal", got-n)
	}
}

func thread(t *testing.T, h *Host, w *World) {
	threads, ok := w.Surface.(bot.Threader)
	if !ok {
		t.Skip("this surface has no threads")
	}
	bob := w.Person("bob")
	ref := w.post(t, w.Place, "", Card("ask:1/review", "Ticket?"))
	p, err := threads.Thread(t.Context(), w.Place, ref)
	if err != nil || p.Thread == "" {
		t.Fatalf("the thread is %+v, %v", p, err)
	}
	w.post(t, p, "", Card("fail:1/a", "It failed again"))
	sees(t, bob, "It failed again")
	bob.Say("a duplicate of 398", ref)
	in := given(t, bob, h, bot.InMessage, 1)
	if in.Place.Thread != p.Thread || in.Place.String() != w.Place.String() || in.Text != "a duplicate of 398" || in.Message == "" {
		t.Errorf("said in %+v, it came as %+v", p, in)
	}
}

func complete(t *testing.T, _ *Host, w *World) {
	got := w.Person("ann").Complete("show bug")
	if got == nil {
		t.Skip("this platform completes no command")
	}
	if all := strings.Join(got, "\n"); len(got) != 2 || !strings.Contains(all, "bug-triage") || !strings.Contains(all, "bug-digest") {
		t.Errorf("offered is %q", got)
	}
}

func upload(t *testing.T, _ *Host, w *World) {
	files, ok := w.Surface.(bot.Uploader)
	if !ok {
		t.Skip("this surface takes no files")
	}
	ref, err := files.Upload(t.Context(), w.Place, "log:1", "The log of #12", bot.File{Name: "run-12.txt", Type: "text/plain", Data: []byte("one\ntwo\n")})
	if err != nil || ref == "" {
		t.Fatalf("%q, %v", ref, err)
	}
	if got := w.Files(); len(got) != 1 || got[0] != "run-12.txt" {
		t.Errorf("the files are %q", got)
	}
	sees(t, w.Person("bob"), "The log of #12")
}

func twice(t *testing.T, h *Host, w *World) {
	w.Twice()
	ann := w.Person("ann")
	w.post(t, w.Place, "", Card("ask:1/review", "Ticket?"))
	sees(t, ann, "Ticket?")
	ann.Command("whisper ann")
	sees(t, ann, "For ann alone")
	ann.Press(Approve)
	ann.Say("hello", "")
	given(t, ann, h, bot.InCommand, 1)
	given(t, ann, h, bot.InPress, 1)
	given(t, ann, h, bot.InMessage, 1)
}

func anotherLife(t *testing.T, h *Host, w *World) {
	ann := w.Person("ann")
	ann.Say("hello", "")
	first := given(t, ann, h, bot.InMessage, 1)
	heir := h.Heir()
	w.Again(heir)
	w.Twice()
	ann.Say("again", "")
	second := given(t, ann, heir, bot.InMessage, 1)
	if first.ID == second.ID || second.Text != "again" {
		t.Errorf("%+v came after %+v", second, first)
	}
}

func reconnect(t *testing.T, h *Host, w *World) {
	if w.Cut == nil {
		t.Skip("this surface keeps no connection")
	}
	ann := w.Person("ann")
	for i := range 3 {
		w.Cut()
		ann.Say("hello", "")
		given(t, ann, h, bot.InMessage, i+1)
		ann.Command("whisper again")
		given(t, ann, h, bot.InCommand, i+1)
	}
}

func stop(t *testing.T, h *Host, w *World) {
	ann := w.Person("ann")
	h.Hold()
	ann.Say("under way", "")
	ann.Until("a delivery under way", func() bool { return h.Waiting() == 1 })
	stopped := make(chan error, 1)
	go func() { stopped <- w.Stop() }()
	h.Go()
	if err := <-stopped; err != nil && !errors.Is(err, t.Context().Err()) {
		t.Errorf("Listen ended with %v", err)
	}
	if got := len(h.Got(bot.InMessage)); got != 1 {
		t.Errorf("%d deliveries were handled", got)
	}
}

// hostile text is shown as it is: nothing in it notifies, links or draws (R15; what each platform makes of it is tested
// there, over its renderer).
func hostile(t *testing.T, _ *Host, w *World) {
	bob := w.Person("bob")
	w.post(t, w.Place, "", Card("ask:1/review", "<!channel> @everyone *bold* \u202etxt.exe"))
	sees(t, bob, "bold")
	if s := bob.Screen(); strings.Contains(s, "\u202e") {
		t.Errorf("text runs backwards: %q", s)
	}
}
