package flows_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/check"
)

func TestTwoPeopleOnOneDraft(t *testing.T) {
	ctx := context.Background()
	f := library(t, check.Known{})
	one, two, three := source("bugs", "bugs", "One"), source("bugs", "bugs", "Two"), source("bugs", "bugs", "Three")
	if _, err := f.Save(ctx, one, 0, "ann"); err != nil {
		t.Fatal(err)
	}
	_, err := f.Save(ctx, three, 0, "ben")
	f.code("a new flow whose name was taken meanwhile", err, engine.Conflict)
	mine, err := f.Draft(ctx, "bugs")
	if err != nil || !bytes.Equal(mine.Source, one) || mine.By != "ann" || mine.At == 0 || mine.Rev == 0 || mine.Live != 0 {
		t.Fatalf("the draft: %+v %v", mine, err)
	}
	if _, err := f.Save(ctx, two, mine.Rev, "ben"); err != nil {
		t.Fatal(err)
	}
	a, err := f.Save(ctx, three, mine.Rev, "ann")
	f.code("saving over what somebody else saved", err, engine.Conflict)
	if a.Changed {
		t.Error("it changed all the same")
	}
	theirs, _ := f.Draft(ctx, "bugs")
	if theirs.By != "ben" || !bytes.Equal(theirs.Source, two) {
		t.Errorf("the draft: %+v", theirs)
	}
	if _, err := f.Save(ctx, three, -1, "ann"); err != nil {
		t.Errorf("keeping mine: %v", err)
	}
}

func TestRollingBackMakesANewVersionAndLeavesTheDraft(t *testing.T) {
	ctx := context.Background()
	f := library(t, check.Known{})
	one, two, three := source("bugs", "bugs", "One"), source("bugs", "bugs", "Two"), source("bugs", "bugs", "Three")
	f.apply(one, true)
	f.apply(two, true)
	if _, err := f.Save(ctx, three, 0, "ben"); err != nil {
		t.Fatal(err)
	}
	head, err := f.Rollback(ctx, "bugs", 1, "kim")
	if err != nil || head.Live != 3 || !head.Draft || head.Title != "One" {
		t.Fatalf("%+v %v", head, err)
	}
	e, _ := f.Draft(ctx, "bugs")
	if !bytes.Equal(e.Source, three) || e.Base != 2 || e.Live != 3 {
		t.Errorf("the draft: %+v", e)
	}
	if got, _ := f.Source(ctx, "bugs", "live"); !bytes.Equal(got, one) {
		t.Errorf("live: %s", got)
	}
	list, err := f.Versions(ctx, "bugs")
	if err != nil || len(list) != 3 || list[0].Number != 3 || list[0].By != "kim" {
		t.Errorf("versions: %+v %v", list, err)
	}
	_, err = f.Rollback(ctx, "bugs", 3, "kim")
	f.code("back to what is live", err, engine.Invalid)
	_, err = f.Rollback(ctx, "bugs", 9, "kim")
	f.code("back to what never was", err, engine.NotFound)
	_, err = f.Rollback(ctx, "none", 1, "kim")
	f.code("back in no flow", err, engine.NotFound)
	f.open(check.Known{})
	e, _ = f.Draft(ctx, "bugs")
	if e.Base != 2 || e.Live != 3 {
		t.Errorf("after a restart: %+v", e)
	}
}

func TestDiscarding(t *testing.T) {
	ctx := context.Background()
	f := library(t, check.Known{})
	one, two := source("bugs", "bugs", "One"), source("bugs", "bugs", "Two")
	f.apply(one, false)
	if err := f.Discard(ctx, "bugs", "ann"); err != nil {
		t.Fatal(err)
	}
	_, err := f.Head(ctx, "bugs")
	f.code("a flow that was only a draft", err, engine.NotFound)
	if _, ok := f.Find("webhook.received", "path", "bugs"); ok {
		t.Error("its address is still taken")
	}
	f.apply(one, true)
	f.code("nothing to discard", f.Discard(ctx, "bugs", "ann"), engine.Conflict)
	f.apply(two, false)
	if err := f.Discard(ctx, "bugs", "ann"); err != nil {
		t.Fatal(err)
	}
	head, err := f.Head(ctx, "bugs")
	if err != nil || head.Draft || head.Live != 1 {
		t.Errorf("%+v %v", head, err)
	}
	e, err := f.Draft(ctx, "bugs")
	if err != nil || e.Rev != 0 || !bytes.Equal(e.Source, one) || e.Base != 1 {
		t.Errorf("what an edit begins with: %+v %v", e, err)
	}
	f.code("no such flow", f.Discard(ctx, "none", "ann"), engine.NotFound)
	if got := f.Triggers("webhook.received"); len(got) != 1 || got[0].Flow != "bugs" {
		t.Errorf("triggers: %+v", got)
	}
}

func TestOnlyWhatWasShownIsPublished(t *testing.T) {
	ctx := context.Background()
	f := library(t, check.Known{})
	one, two := source("bugs", "bugs", "One"), source("bugs", "bugs", "Two")
	f.apply(one, true)
	if _, err := f.Save(ctx, two, 0, "ann"); err != nil {
		t.Fatal(err)
	}
	shown, _ := f.Draft(ctx, "bugs")
	for what, at := range map[string][2]int64{"another draft": {shown.Rev + 1, shown.Live}, "no draft": {0, shown.Live}, "another version": {shown.Rev, shown.Live + 1}, "no version": {shown.Rev, 0}} {
		_, _, err := f.PublishRev(ctx, "bugs", at[0], at[1], "ann")
		f.code(what, err, engine.Conflict)
	}
	if h, _ := f.Head(ctx, "bugs"); h.Live != 1 || !h.Draft {
		t.Fatalf("it was published: %+v", h)
	}
	if h, _, err := f.PublishRev(ctx, "bugs", shown.Rev, shown.Live, "ann"); err != nil || h.Live != 2 {
		t.Errorf("what was shown: %+v %v", h, err)
	}
}
