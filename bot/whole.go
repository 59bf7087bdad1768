package bot

import (
	"context"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

const wholePrefix = "whole:"

// rest says where the rest of a card is that a surface has to cut: as a file in the thread below it, where the surface
// takes files, else under the run's own command.
func (b *Bot) rest(ctx context.Context, dr *draft, p engine.Place) (upload bool, note string, err error) {
	lang := dr.card.Lang
	_, can := b.surfaces[p.Surface].(Uploader)
	if can && p.Thread == "" && dr.card.Key != "" && !strings.HasPrefix(dr.card.Key, builderPrefix) {
		refused, err := b.wholeRefused(ctx, dr.card.Key, p)
		if err != nil {
			return false, "", err
		}
		if !refused {
			return true, prompts.T(lang, "The whole text is in the thread.", nil), nil
		}
	}
	if strings.HasPrefix(dr.card.Key, builderPrefix) {
		return false, prompts.T(lang, "Cut to fit. Every step is in the list to edit.", nil), nil
	}
	if dr.number > 0 {
		command := "/" + b.o.Command + " run " + strconv.FormatInt(dr.number, 10)
		return false, prompts.T(lang, "Cut to fit. All of it: {command}", engine.Args("command", command)), nil
	}
	return false, prompts.T(lang, "Cut to fit: see Open for the rest", nil), nil
}

// whole finds the file below a card.
func (b *Bot) whole(ctx context.Context, key string, p engine.Place) (StoredCard, bool, error) {
	cards, err := b.o.Outbox.Cards(ctx, wholePrefix+key)
	if err != nil {
		return StoredCard{}, false, err
	}
	for _, c := range cards {
		if samePlace(c.Place, p) {
			return c, true, nil
		}
	}
	return StoredCard{}, false, nil
}

// wholeRefused reports that the surface did not take the file: the card must not promise it then.
func (b *Bot) wholeRefused(ctx context.Context, key string, p engine.Place) (bool, error) {
	c, found, err := b.whole(ctx, key, p)
	return found && c.Ref == "", err
}

// wantFile has the whole text of a card put below it, once: its edits do not bring it again.
func (b *Bot) wantFile(dr *draft, p engine.Place, out *shown) error {
	file := &draft{under: dr.card.Key, file: fileName(dr), means: Intent{Run: dr.means.Run},
		card: prompts.Card{Key: wholePrefix + dr.card.Key, Text: prompts.PlainCard(dr.card), Lang: dr.card.Lang}}
	c, err := file.copy(p, b.now())
	if err == nil {
		out.then = append(out.then, c)
	}
	return err
}

// fileName is a name for the whole text of a card.
func fileName(dr *draft) string {
	name := dr.means.Flow
	if name == "" {
		name = "text"
	}
	if dr.number > 0 {
		name += "-" + strconv.FormatInt(dr.number, 10)
	}
	return name + ".txt"
}

// showFile uploads the whole text of a card into its thread. p has the thread set.
func (b *Bot) showFile(ctx context.Context, dr *draft, p engine.Place, out *shown) error {
	if _, found, err := b.whole(ctx, strings.TrimPrefix(dr.card.Key, wholePrefix), p); err != nil || found {
		return err
	}
	s, ok := b.surfaces[p.Surface].(Uploader)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	stored := StoredCard{ID: engine.NewID(b.o.Now()), Key: dr.card.Key, Place: p, State: engine.CardResolved, Updated: b.now()}
	out.sent, out.failed = true, stored
	ref, err := s.Upload(ctx, p, dr.card.Key, prompts.T(dr.card.Lang, "The whole text", nil),
		File{Name: dr.file, Type: "text/plain", Size: int64(len(dr.card.Text)), Data: []byte(dr.card.Text)})
	if err != nil {
		return err
	}
	if stored.Ref = ref; ref == "" {
		stored.Ref = Ref(p.Thread)
	}
	out.cards = append(out.cards, stored)
	return nil
}
