package mail

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// Received is the name of the trigger.
const Received = "mail.received"

func received() engine.TriggerKind {
	return engine.TriggerKind{
		Name:  Received,
		Title: "A mail arrives",
		Doc: "Starts a run for each mail that arrives in a folder of a mailbox. Mails that lie there already when the flow is published start nothing. " +
			"The mailbox is watched by IMAP and changed only to mark mails as read, if you say so.",
		With:     withSchema(),
		Event:    eventSchema(),
		Identity: []string{"account", "folder"},
		Store:    "--origin imaps://mail.example.org --user bot@example.org",
		Check:    check,
		Describe: func(with map[string]any) engine.Text {
			s := Read(with)
			switch {
			case s.From != "" && s.Subject != "":
				return engine.Say("a mail from {from} about “{subject}” arrives in {folder} of {account}", "from", s.From, "subject", s.Subject, "folder", s.Folder, "account", s.Account)
			case s.From != "":
				return engine.Say("a mail from {from} arrives in {folder} of {account}", "from", s.From, "folder", s.Folder, "account", s.Account)
			case s.Subject != "":
				return engine.Say("a mail about “{subject}” arrives in {folder} of {account}", "subject", s.Subject, "folder", s.Folder, "account", s.Account)
			}
			return engine.Say("a mail arrives in {folder} of {account}", "folder", s.Folder, "account", s.Account)
		},
	}
}

// Settings is what a trigger of this kind says.
type Settings struct {
	Account      string // of a mail server that speaks IMAP
	Folder       string
	From         string // part of the sender's name or address; "" is anybody
	Subject      string // part of the subject; "" is any
	MarkSeen     bool
	AllowPrivate bool
}

// Read reads the settings; what is missing has its default.
func Read(with map[string]any) Settings {
	text := func(k string) string { s, _ := with[k].(string); return strings.TrimSpace(s) }
	yes := func(k string) bool { b, _ := with[k].(bool); return b }
	s := Settings{Account: text("account"), Folder: text("folder"), From: text("from"), Subject: text("subject"), MarkSeen: yes("mark_seen"), AllowPrivate: yes("allow_private")}
	if s.Folder == "" {
		s.Folder = "INBOX"
	}
	return s
}

// Wants reports whether a mail is one that the flow is about, whatever the case of letters.
func (s Settings) Wants(m Message) bool {
	has := func(text, part string) bool {
		return part == "" || strings.Contains(strings.ToLower(text), strings.ToLower(part))
	}
	return has(m.From.Name+" <"+m.From.Address+">", s.From) && has(m.Subject, s.Subject)
}

func withSchema() *engine.Schema {
	return &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "account", Schema: &engine.Schema{Type: "string", Format: engine.SecretFormat, Title: "Mailbox", Required: true,
			Doc: "The stored account of the mailbox: its origin is imaps://host, or imap://host for STARTTLS."}},
		{Name: "folder", Schema: &engine.Schema{Type: "string", Title: "Folder", Default: "INBOX", Doc: "Which folder is watched."}},
		{Name: "from", Schema: &engine.Schema{Type: "string", Title: "From", Example: "@example.org",
			Doc: "Only mails whose sender has this in name or address."}},
		{Name: "subject", Schema: &engine.Schema{Type: "string", Title: "Subject", Doc: "Only mails that have this in their subject."}},
		{Name: "mark_seen", Schema: &engine.Schema{Type: "boolean", Title: "Mark as read", Default: false,
			Doc: "Marks mails as read once they are taken."}},
		{Name: "allow_private", Schema: &engine.Schema{Type: "boolean", Title: "Private network", Default: false, Advanced: true,
			Doc: "Allows a mail server inside your own network or on this machine."}},
	}}
}

func eventSchema() *engine.Schema {
	text := func(name, doc string) engine.Field {
		return engine.Field{Name: name, Schema: &engine.Schema{Type: "string", Doc: doc}}
	}
	return &engine.Schema{Type: "object", Open: true, Fields: []engine.Field{
		text("message_id", "What names the mail everywhere."),
		text("in_reply_to", "The message_id of the mail that it answers, or nothing."),
		{Name: "references", Schema: &engine.Schema{Type: "array", Items: &engine.Schema{Type: "string"}, Doc: "The mails before it in the same conversation."}},
		{Name: "from", Schema: &engine.Schema{Type: "object", Doc: "Who it says it is from. Anybody can write anything here.", Fields: []engine.Field{
			text("name", "The name."), text("address", "The address, in lower case.")}}},
		{Name: "to", Schema: &engine.Schema{Type: "array", Items: &engine.Schema{Type: "string"}, Doc: "The addresses it says it is for."}},
		text("subject", "The subject."),
		text("text", "What it says, as text; made of the HTML where there is only that."),
		text("html", "What it says as HTML, or nothing. Do not show it to people as it is."),
		text("date", "When it says it was written, as RFC 3339 has it, or nothing."),
		{Name: "auto", Schema: &engine.Schema{Type: "boolean", Doc: "Whether a program wrote it: an out-of-office note, a list, a bounce. Do not answer those."}},
		{Name: "cut", Schema: &engine.Schema{Type: "boolean", Doc: "Whether it was too large to be taken whole."}},
		{Name: "headers", Schema: &engine.Schema{Type: "object", Open: true, Items: &engine.Schema{Type: "string"}, Doc: "Some of its headers, names in lower case."}},
		{Name: "attachments", Schema: &engine.Schema{Type: "array", Doc: "What is attached, by name and size; the contents are not taken.",
			Items: &engine.Schema{Type: "object", Fields: []engine.Field{text("name", "The file's name."), text("type", "The kind of content."),
				{Name: "size", Schema: &engine.Schema{Type: "integer", Doc: "How large it is, in bytes."}}}}}},
	}}
}

func check(with map[string]any) map[string]*engine.Error {
	found := map[string]*engine.Error{}
	for _, k := range []string{"account", "folder", "from", "subject"} {
		if s, ok := with[k].(string); ok && (len(s) > 200 || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })) {
			found[k] = engine.E(engine.Invalid, `"{field}" is one line of at most {max} bytes`, "field", k, "max", 200)
		}
	}
	return found
}
