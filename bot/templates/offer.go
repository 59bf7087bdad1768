package templates

import (
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// needed is an account that a template needs: what its origin begins with, and how one is stored.
func needed(store string, schemes ...string) bot.TemplateAccount {
	return bot.TemplateAccount{Schemes: schemes, Store: store}
}

func smtp() bot.TemplateAccount {
	return needed("--origin smtps://mail.example.org --user bot@example.org", "smtps", "smtp", "smtp+insecure")
}

func imap() bot.TemplateAccount {
	return needed("--origin imaps://mail.example.org --user bot@example.org", "imaps", "imap", "imap+insecure")
}

func dav() bot.TemplateAccount {
	return needed("--origin https://contacts.example.org --user bot", "https", "http")
}

func web() bot.TemplateAccount {
	return needed("--origin https://tracker.example.org --header Authorization", "https", "http")
}

// offered is the list in the order in which people see it. Titles and texts are English message ids.
func offered() []bot.Template {
	return []bot.Template{
		{Name: "bug-triage", Title: "Bugs become tickets",
			Doc:      "A bug is opened on GitHub, somebody approves, and a ticket is made in your tracker.",
			Accounts: map[string]bot.TemplateAccount{"account": web()},
			Asks: asks(channel(), group(),
				need("tracker", "uri", "Tracker", "The address that makes a ticket when it is sent JSON.", "https://tracker.example.org/tickets"),
				may("account", "account", "Account at the tracker", "The stored credential that is sent to it, where it wants one."), private())},
		{Name: "release-announcement", Title: "Releases are announced",
			Doc: "A release is published on GitHub; somebody reads the announcement, may change it, and it goes out.",
			Asks: asks(channel(), group(),
				need("audience", "place", "Announce in", "The channel that gets the announcement.", ""))},
		{Name: "contact-request", Title: "Contact requests by form",
			Doc:      "A form in chat; somebody accepts, the answer goes out by mail, the contact is kept, and news need a double opt-in.",
			Accounts: map[string]bot.TemplateAccount{"mail": smtp(), "contacts": dav()},
			Asks:     asks(append([]engine.Field{channel(), group(), mail()}, book()...)...)},
		{Name: "contact-mail", Title: "Contact requests by mail",
			Doc:      "The same for requests that arrive as mails, as networks like LinkedIn send them.",
			Accounts: map[string]bot.TemplateAccount{"mail": smtp(), "mailbox": imap(), "contacts": dav()},
			Asks: asks(append([]engine.Field{channel(), group(), mailbox(), mail(),
				may("subject", "", "Subject", "Only mails that have this in their subject.")}, book()...)...)},
		{Name: "contact-consent", Title: "Answers to the double opt-in",
			Doc:      "Whoever answers YES agrees, whoever answers STOP has left; a table keeps who agreed to what, and when.",
			Accounts: map[string]bot.TemplateAccount{"mailbox": imap()},
			Asks:     asks(channel(), mailbox(), private())},
		{Name: "contact-reply", Title: "Replies become tickets",
			Doc:      "Somebody who was answered before writes again: that opens a ticket, a row in a table.",
			Accounts: map[string]bot.TemplateAccount{"mailbox": imap()},
			Asks:     asks(channel(), mailbox(), private())},
		{Name: "message-ticket", Title: "Messages become tickets",
			Doc: "Somebody puts an emoji under a message; that opens a ticket, a row in a table, and the answer stands below the message.",
			Asks: asks(channel(), preset("emoji", "", "Emoji", "Its name without colons. On the console write +:ticket: in the message's thread.", "ticket"),
				may("from", "person-or-group", "Who may", "The group or person whose emoji count. Left empty, everybody I know."),
				preset("table", "", "Table", "Small letters, digits, dashes. It is made when it is not there.", "tickets"))},
		{Name: "feed-digest", Title: "A feed, once a day",
			Doc: "New items of a feed are collected and told together, once a day.",
			Asks: asks(channel(), need("url", "uri", "Feed", "The feed's address: RSS, Atom or JSON Feed.", "https://example.org/feed.xml"),
				hour(), zone(), private())},
		{Name: "watch-page", Title: "A page is watched",
			Doc: "What stands at an address changes, and the channel hears of it.",
			Asks: asks(channel(), need("url", "uri", "Address", "The page that is watched.", "https://example.org/status"),
				preset("every", "duration", "Look every", "How often it is looked at: 15m, 1h, 1d.", "1h"), private())},
		{Name: "on-call-rota", Title: "Who is on call",
			Doc: "Who is on call is said at the beginning of each turn, from a table that you fill.",
			Asks: asks(channel(), preset("when", "", "When", "In plain words.", "mondays at 9:00"), zone(),
				preset("table", "", "Table", "Small letters, digits, dashes. It is made when it is not there.", "rota"),
				text("people", "Who takes turns", "Names in turn, with commas between them. Later they are changed in the table.", "ann, bob, kim")),
			Tables: rota},
		{Name: bot.FailingTemplate, Title: "One that fails",
			Doc:  "It fails on purpose, to show the alert and how a run is mended.",
			Asks: asks(channel())},
	}
}

func asks(fields ...engine.Field) *engine.Schema {
	return &engine.Schema{Type: "object", Fields: fields}
}

func need(name, format, title, doc, example string) engine.Field {
	return engine.Field{Name: name, Schema: &engine.Schema{Type: "string", Format: format, Title: title, Doc: doc, Example: example, Required: true}}
}

func may(name, format, title, doc string) engine.Field {
	f := need(name, format, title, doc, "")
	f.Required = false
	return f
}

func text(name, title, doc, example string) engine.Field {
	f := may(name, "", title, doc)
	f.Example = example
	return f
}

// rota is the table of who takes turns, with those who were named.
func rota(values map[string]any) []bot.TemplateTable {
	name, _ := values["table"].(string)
	if name = strings.TrimSpace(name); name == "" {
		name = "rota"
	}
	t := bot.TemplateTable{Table: engine.Table{Name: name, Columns: []engine.Column{
		{Name: "person", Type: engine.ColText, Required: true, Unique: true}, {Name: "position", Type: engine.ColInteger}}}}
	people, _ := values["people"].(string)
	for _, p := range strings.FieldsFunc(people, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if p = strings.TrimSpace(p); p != "" {
			t.Rows = append(t.Rows, map[string]any{"person": p, "position": len(t.Rows) + 1})
		}
	}
	return []bot.TemplateTable{t}
}

func preset(name, format, title, doc, value string) engine.Field {
	f := may(name, format, title, doc)
	f.Default = value
	return f
}

func channel() engine.Field {
	return need("channel", "place", "Channel", "Questions, results and alerts go here.", "")
}

func group() engine.Field {
	return need("group", "person-or-group", "Who decides", "The group or person that is asked.", "@team")
}

func mail() engine.Field {
	return need("mail", "account", "Mail account", "The stored account that sends: its origin is smtp://host or smtps://host.", "")
}

func mailbox() engine.Field {
	return need("mailbox", "account", "Mailbox", "The stored account that is read: its origin is imap://host or imaps://host.", "")
}

// book is what keeping contacts in an address book needs; without an account they are kept in a table only.
func book() []engine.Field {
	return []engine.Field{
		may("contacts", "account", "Address book account", "Left empty, contacts are kept in a table of mine only."),
		may("book", "", "Address book", "Its address at that server, as in /ann/contacts/."),
		private(),
	}
}

func private() engine.Field {
	return engine.Field{Name: "private", Schema: &engine.Schema{Type: "boolean", Title: "In your own network", Advanced: true,
		Doc: "The server is inside your own network or on this machine."}}
}

func zone() engine.Field {
	return preset("timezone", "timezone", "Time zone", "Where the times are meant.", "UTC")
}

func hour() engine.Field {
	f := preset("hour", "", "At", "The hour of the day at which it is told.", "8")
	f.Enum = []string{"0", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23"}
	return f
}
