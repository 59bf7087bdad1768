package console

import "github.com/bretelle/bretelle/prompts"

// chrome is the page's own words, in the reader's language.
type chrome struct {
	ActAs, Back, By, Channels, Close, Demo, Dialog, Empty, Ended, Event, History, Input, LogIn, LogOut, Message, Messages,
	Name, OnlyYou, Once, First, Output, Reason, Reply, Send, Start, Started, Step, Steps, Switch, Thread, ThreadMessage,
	ThreadMessages, Trigger, Version, What, When, Edited, OfMost, Attempts string

	Direct, Drafts, Draft, BackTo, Skip, Help, Shortcuts, Colours, Offers, Needed, Unsent, Again, Lost, Gone, Reopen, NoMatch,
	Search, ChangesOutside, Required, Overview, Flows, Flow, Tables, NoFlows, Changed string

	Keys []shortcut
}

// shortcut is a key and what it does.
type shortcut struct{ Keys, Does string }

func chromeIn(lang string) chrome {
	t := func(english string) string { return prompts.T(lang, english, nil) }
	return chrome{
		ActAs: t("act as"), Back: t("Back to the channels"), By: t("by"), Channels: t("Channels"), Close: t("Close"), Demo: t("Demo"),
		Dialog: t("Dialog"), Edited: t("edited"), Empty: t("Nothing here yet. To see what I can do, type:"), Ended: t("Ended"),
		Event: t("Event"), First: t("You are the first one here, so you become the admin."), History: t("History"), Input: t("Input"),
		LogIn: t("Log in"), LogOut: t("Log out"), Message: t("Message or command"), Messages: t("Messages"),
		Name: t("What should people call you?"), Once: t("This link logs you in once."), OnlyYou: t("only you can see this"),
		Attempts: t("Attempts:"), OfMost: t("of at most"), Output: t("Output"), Reason: t("Reason"), Reply: t("Reply"), Send: t("Send"),
		Start: t("Start"), Started: t("Started"), Step: t("Step"), Steps: t("Steps"), Switch: t("Switch"), Thread: t("Thread"),
		ThreadMessage: t("Message in this thread"), ThreadMessages: t("Messages in this thread"), Trigger: t("Trigger"),
		Version: t("Version"), What: t("What"), When: t("When"),

		Direct: t("Direct messages"), Drafts: t("Drafts"), Draft: t("Draft"), BackTo: t("Back to"), Skip: t("Skip to the messages"),
		Help: t("Keyboard shortcuts"), Shortcuts: t("Keys"), Offers: t("Ways to go on"), Needed: t("This is needed."),
		Unsent: t("Not sent: I could not reach Bretelle. What you typed is still here."), Again: t("Send again"),
		Lost: t("Connecting again…"), Gone: t("Not connected. Reload the page."), Reopen: t("Go on with it"),
		NoMatch: t("Nothing like that"), Search: t("Type to search"),
		ChangesOutside: t("changes something outside"), Required: t("needed"),
		Overview: t("Overview"), Flows: t("Flows"), Flow: t("Flow"), Tables: t("Tables"), NoFlows: t("No flow yet."), Changed: t("Changed"),
		Keys: []shortcut{
			{"?", t("show these keys")}, {"/", t("go to the input box, for a command")}, {"Enter", t("send it")},
			{"Shift+Enter", t("a new line")}, {"↑ ↓", t("what you sent before, in the input box; choose from a list")},
			{"Tab", t("take what is offered")}, {"Esc", t("close a list, a dialog or the side panel")},
		},
	}
}

// themeWords is the button that changes colours: what they are now.
func themeWords(lang, theme string) string {
	switch theme {
	case "light":
		return prompts.T(lang, "Colours: light", nil)
	case "dark":
		return prompts.T(lang, "Colours: dark", nil)
	}
	return prompts.T(lang, "Colours: automatic", nil)
}

// replies is how many answers a message has, as a link's text.
func replies(lang string, n int) string {
	if n == 0 {
		return prompts.T(lang, "Reply", nil)
	}
	return prompts.T(lang, "Replies: {n}", map[string]any{"n": n})
}
