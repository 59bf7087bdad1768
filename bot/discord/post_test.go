package discord_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/discord"
	"github.com/bretelle/bretelle/bot/discord/discordspec"
	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

const (
	guildID = "290926798626357999"
	roomID  = "345626669114982999"
	bobID   = "53908232506183680"
)

var here = engine.Place{Surface: "discord", Workspace: guildID, Channel: roomID}

// speaks is a surface that speaks to a Discord of ours; every request is held to Discord's description.
func speaks(t *testing.T) (*discord.Surface, *discordtest.Server, *time.Time) {
	t.Helper()
	srv := discordtest.NewServer(t)
	srv.Asked = discordspec.Requests(t)
	now := time.Now()
	s, err := discord.New(discord.Options{Token: engine.NewSecret(srv.Token), APIURL: srv.URL, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return s, srv, &now
}

func aCard(key, text string) prompts.Card {
	return prompts.Card{Key: key, Title: prompts.Line{{Text: text}}, Text: text, Lang: "en",
		Buttons: []prompts.Button{{ID: "approve", Label: "Approve", Token: "tok1234567890123456789"}}}
}

func aPicture(key, title string) prompts.Card {
	c := aCard(key, "a drawing")
	c.Blocks = []prompts.Block{prompts.Picture{Alt: "one step: " + title, Drawing: prompts.Drawing{Title: title, Nodes: []prompts.DrawNode{{ID: "a", Kind: "trigger", Label: title}}}}}
	return c
}

func code(t *testing.T, err error, want engine.Code) {
	t.Helper()
	if got := engine.CodeOf(err); got != want {
		t.Errorf("got %q (%v), wanted %q", got, err, want)
	}
}

// Every card of the corpus arrives, by the description and the limits; the same sent again is the same message, in
// another channel another one.
func TestCardsArrive(t *testing.T) {
	s, srv, _ := speaks(t)
	ctx := context.Background()
	srv.AddChannel(discordtest.Channel{ID: "345626669114983000", Guild: guildID, Name: "ops"})
	ops := engine.Place{Surface: "discord", Workspace: guildID, Channel: "#ops"}
	for _, x := range corpus.Cards("en") {
		x.Card.Key = x.Name
		at, err := s.Post(ctx, here, "", x.Card)
		if err != nil {
			t.Fatal(x.Name, err)
		}
		if again, err := s.Post(ctx, here, "", x.Card); err != nil || again != at {
			t.Errorf("%s stands twice: %s %s %v", x.Name, at, again, err)
		}
		other, err := s.Post(ctx, ops, "", x.Card)
		if err != nil || !strings.HasPrefix(string(other), "345626669114983000/") {
			t.Errorf("%s in another channel: %s %v", x.Name, other, err)
		}
		if edited, err := s.Post(ctx, here, at, x.Card); err != nil || edited != at {
			t.Errorf("%s edited: %s %v", x.Name, edited, err)
		}
	}
}

// A card of a former life whose reference was lost is edited, also when Discord forgot the nonce: known by its mark, one
// without buttons by its words, each once. Others' messages and other cards are not taken for it.
func TestFormerLife(t *testing.T) {
	s, srv, now := speaks(t)
	ctx := context.Background()
	srv.Say(bobID, roomID, "Approve?")
	first, _ := s.Post(ctx, here, "", aCard("ask:1", "Approve?"))
	silent := aCard("say:1", "Hello [there] *now*")
	silent.Buttons = nil
	plain, _ := s.Post(ctx, here, "", silent)
	*now = now.Add(time.Hour)
	again, err := discord.New(discord.Options{Token: engine.NewSecret(srv.Token), APIURL: srv.URL, Now: func() time.Time { return *now }})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		card prompts.Card
		want bot.Ref
	}{{aCard("ask:1", "Approve? Other words"), first}, {silent, plain}, {aCard("ask:2", "Approve?"), ""}, {aCard("ask:1", "Once more"), ""}} {
		got, err := again.Post(ctx, here, "", x.card)
		if err != nil || x.want != "" && got != x.want || x.want == "" && (got == first || got == plain) {
			t.Errorf("%s: stands at %q (%v), wanted %q", x.card.Text, got, err, x.want)
		}
	}
	if n := len(srv.Messages(roomID)); n != 5 {
		t.Errorf("%d messages", n)
	}
	third, err := discord.New(discord.Options{Token: engine.NewSecret(srv.Token), APIURL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	heal := srv.Fail(discordtest.Fault{Route: "GET /channels/{channel}/messages", Status: 503})
	_, err = third.Post(ctx, here, "", aCard("ask:2", "Approve?"))
	code(t, err, engine.Unavailable)
	heal()
	if n := len(srv.Messages(roomID)); n != 5 {
		t.Errorf("%d messages: posted without knowing", n)
	}
}

// A card that somebody deleted comes as a new message, though Discord still knows the old one's nonce.
func TestDeletedCard(t *testing.T) {
	s, srv, _ := speaks(t)
	ctx := context.Background()
	at, err := s.Post(ctx, here, "", aCard("ask:1", "Approve?"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(ctx, here, at); err != nil {
		t.Fatal(err)
	}
	_, err = s.Post(ctx, here, at, aCard("ask:1", "Approve?"))
	code(t, err, engine.NotFound)
	if _, err := s.Post(ctx, here, "", aCard("ask:1", "Approve?")); err != nil || len(srv.Messages(roomID)) != 1 {
		t.Errorf("%d messages, %v", len(srv.Messages(roomID)), err)
	}
	code(t, s.Delete(ctx, here, at), engine.NotFound)
	code(t, s.Delete(ctx, here, bot.Ref(roomID+"/"+srv.Say(bobID, roomID, "mine"))), engine.Denied)
}

// A picture goes along as a file with its description; an edit keeps it, replaces it or takes it away.
func TestPictures(t *testing.T) {
	s, srv, _ := speaks(t)
	ctx := context.Background()
	at, err := s.Post(ctx, here, "", aPicture("p", "Bug triage"))
	if err != nil {
		t.Fatal(err)
	}
	look := func() (files []string, image string) {
		m := srv.Messages(roomID)[0]
		e, _ := m.Data["embeds"].([]any)[0].(map[string]any)
		i, _ := e["image"].(map[string]any)
		image, _ = i["url"].(string)
		return m.Files, image
	}
	files, image := look()
	if len(files) != 1 || image != "attachment://bug-triage.png" {
		t.Fatalf("%v %q", files, image)
	}
	for _, x := range []struct {
		card  prompts.Card
		files int
		same  bool
	}{{aPicture("p", "Bug triage"), 1, true}, {aPicture("p", "Other"), 1, false}, {aCard("p", "none"), 0, false}} {
		before, _ := look()
		if _, err := s.Post(ctx, here, at, x.card); err != nil {
			t.Fatal(err)
		}
		after, _ := look()
		if len(after) != x.files || x.files == 1 && (after[0] == before[0]) != x.same {
			t.Errorf("files %v became %v, wanted %d", before, after, x.files)
		}
	}
}

// Threads begin with a message, go on when they are there, and are replies where there are none.
func TestThreads(t *testing.T) {
	s, srv, _ := speaks(t)
	ctx := context.Background()
	asked := bot.Ref(roomID + "/" + srv.Say(bobID, roomID, "It *crashes*\nat start"))
	for range 2 {
		p, err := s.Thread(ctx, here, asked)
		if err != nil || p.Thread != string(asked) {
			t.Fatalf("%+v %v", p, err)
		}
		if at, err := s.Post(ctx, p, "", aCard("", "I see")); err != nil || !strings.HasPrefix(string(at), strings.Split(string(asked), "/")[1]+"/") {
			t.Errorf("posted at %s: %v", at, err)
		}
	}
	named := ""
	srv.Do(func(_ map[string]*discordtest.User, _ map[string]*discordtest.Guild, channels map[string]*discordtest.Channel, _ map[string]*discordtest.Message) {
		for _, c := range channels {
			if c.Kind == 11 {
				named += c.Name + ";"
			}
		}
	})
	if named != "It *crashes*;" {
		t.Errorf("threads %q", named)
	}
	p, first, err := s.OpenThread(ctx, here, "", "key", strings.Repeat("long title ", 20))
	if err != nil {
		t.Fatal(err)
	}
	if again, same, err := s.OpenThread(ctx, here, "", "key", strings.Repeat("long title ", 20)); err != nil || same != first || again != p {
		t.Errorf("begun twice: %+v %s %v", again, same, err)
	}
	if _, err := s.Upload(ctx, p, "file", "a log", bot.File{Name: "run.log", Type: "text/plain", Data: []byte("x")}); err != nil {
		t.Error(err)
	}
	inside := bot.Ref(p.Thread[strings.IndexByte(p.Thread, '/')+1:] + "/" + srv.Say(bobID, p.Thread[strings.IndexByte(p.Thread, '/')+1:], "more"))
	if q, err := s.Thread(ctx, here, inside); err != nil || q.Thread != p.Thread {
		t.Errorf("an answer in a thread stands in %q: %v", q.Thread, err)
	}
	dm := engine.Place{Surface: "discord", Workspace: discord.DirectMessages, Channel: srv.Direct(bobID)}
	q, err := s.Thread(ctx, dm, bot.Ref(dm.Channel+"/"+srv.Say(bobID, dm.Channel, "hello")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Post(ctx, q, "", aCard("", "hello yourself")); err != nil || srv.Messages(dm.Channel)[1].Answers == "" {
		t.Errorf("no reply: %v", err)
	}
	_, _, err = s.OpenThread(ctx, dm, "", "k", "t")
	code(t, err, engine.Invalid)
}

// Channels are named; two of one name are not guessed between, and a renamed one is found.
func TestNames(t *testing.T) {
	s, srv, now := speaks(t)
	ctx := context.Background()
	p := engine.Place{Surface: "discord", Workspace: guildID, Channel: "#triage"}
	if _, err := s.Post(ctx, p, "", aCard("", "1")); err != nil {
		t.Fatal(err)
	}
	srv.AddChannel(discordtest.Channel{ID: "345626669114983001", Guild: guildID, Name: "triage"})
	*now = now.Add(6 * time.Minute)
	_, err := s.Post(ctx, p, "", aCard("", "2"))
	code(t, err, engine.Conflict)
	if !strings.Contains(err.Error(), roomID) || !strings.Contains(err.Error(), "345626669114983001") {
		t.Errorf("the numbers are not in %v", err)
	}
	srv.Rename("345626669114983001", "bugs")
	p.Channel = "#bugs"
	*now = now.Add(11 * time.Second) // it is not among those that are known
	if at, err := s.Post(ctx, p, "", aCard("", "3")); err != nil || !strings.HasPrefix(string(at), "345626669114983001/") {
		t.Errorf("%s %v", at, err)
	}
	p.Channel = "#nowhere"
	_, err = s.Post(ctx, p, "", aCard("", "4"))
	code(t, err, engine.NotFound)
}

// Reactions by sign, name and of the guild's own; topics; files.
func TestAbilities(t *testing.T) {
	s, srv, _ := speaks(t)
	ctx := context.Background()
	srv.Do(func(_ map[string]*discordtest.User, guilds map[string]*discordtest.Guild, _ map[string]*discordtest.Channel, _ map[string]*discordtest.Message) {
		guilds[guildID].Emojis = map[string]string{"party_parrot": "345626669114983777"}
	})
	m := srv.Say(bobID, roomID, "look")
	for name, want := range map[string]string{"👍": "👍", "tada": "🎉", ":+1:": "👍", "party_parrot": "party_parrot:345626669114983777", "<:party_parrot:345626669114983777>": "party_parrot:345626669114983777"} {
		if err := s.React(ctx, here, bot.Ref(roomID+"/"+m), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(srv.Messages(roomID)[0].Signs[want]) != 1 {
			t.Errorf("%s is not %s", name, want)
		}
	}
	code(t, s.React(ctx, here, bot.Ref(roomID+"/"+m), "no_such_thing"), engine.Invalid)
	code(t, s.React(ctx, here, bot.Ref(roomID+"/846462639134605000"), "👍"), engine.NotFound)
	if err := s.SetTopic(ctx, here, `Bugs, <@&1> [x](y) \o/`); err != nil {
		t.Error(err)
	}
	srv.Do(func(_ map[string]*discordtest.User, _ map[string]*discordtest.Guild, channels map[string]*discordtest.Channel, _ map[string]*discordtest.Message) {
		if got := channels[roomID].Topic; got != `Bugs, \<@&1> \[x](y) \\o/` {
			t.Errorf("the topic is %q", got)
		}
	})
	code(t, s.SetTopic(ctx, here, strings.Repeat("x", 1025)), engine.Invalid)
	log := bot.File{Name: "../a\"b/run.log", Type: "text/plain", Alt: "a log", Data: []byte("line")}
	at, err := s.Upload(ctx, here, "key", "see @everyone", log)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.Upload(ctx, here, "key", "see @everyone", log); err != nil || again != at {
		t.Errorf("sent twice: %s %v", again, err)
	}
	_, err = s.Upload(ctx, here, "", "", bot.File{Name: "big", Data: make([]byte, 10<<20+1)})
	code(t, err, engine.TooLarge)
	_, err = s.Upload(ctx, here, "", strings.Repeat("x", 2001), log)
	code(t, err, engine.Invalid)
	srv.Do(func(_ map[string]*discordtest.User, _ map[string]*discordtest.Guild, channels map[string]*discordtest.Channel, _ map[string]*discordtest.Message) {
		channels[roomID].Lacking = 1<<6 | 1<<4 | 1<<11 | 1<<35
	})
	for what, err := range map[string]error{"Add Reactions": s.React(ctx, here, bot.Ref(roomID+"/"+m), "👍"), "Manage Channels": s.SetTopic(ctx, here, "x"),
		"Send Messages": second(s.Post(ctx, here, "", aCard("", "x"))), "Create Public Threads": second(s.Thread(ctx, here, bot.Ref(roomID+"/"+m)))} {
		if code(t, err, engine.Denied); !strings.Contains(err.Error(), what) {
			t.Errorf("%q does not say %q", err, what)
		}
	}
}

func second[V any](_ V, err error) error { return err }
