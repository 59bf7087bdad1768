package mail

import (
	"strings"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// recorded are mails as they are given to a server.
func recorded() []connectors.Test[Input] {
	account := &engine.Credential{Name: "post", Origin: "smtp://mail.example.org", User: "bot@example.org", Value: engine.NewSecret("for-the-test")}
	implicit := *account
	implicit.Origin = "smtps://mail.example.org"
	const id = "<c5d5bb01fd3dd1ea0e9e8a8b2b9c0ad5@example.org>"
	return []connectors.Test[Input]{
		{Name: "a text", Account: account, In: Input{Account: "post", To: "Ada <ada@example.org>", Subject: "Grüße", Text: "Hello.\n.\nBye."},
			Mails: []connectors.Mailed{{From: "bot@example.org", To: []string{"ada@example.org"}, Text: []string{
				"From: <bot@example.org>", `To: "Ada" <ada@example.org>`, "Subject: =?UTF-8?q?Gr=C3=BC=C3=9Fe?=", "Auto-Submitted: auto-generated",
				"Message-ID: <", "Hello.\r\n.\r\nBye."}}},
			Out: map[string]any{"accepted": []any{"ada@example.org"}, "rejected": []any{}}},
		{Name: "everything", Account: &implicit, In: Input{Account: "post", From: "Sales <sales@example.org>", To: []any{"a@example.org", "b@example.org"},
			CC: "c@example.org", BCC: "d@example.org, a@example.org", ReplyTo: "desk@example.org", Subject: "Hi", Text: "t", HTML: "<b>t</b>",
			InReplyTo: "<1@x>", Headers: map[string]string{"x-campaign": "7", "List-Unsubscribe": "<mailto:off@example.org>"}},
			Mails: []connectors.Mailed{{From: "sales@example.org", To: []string{"a@example.org", "b@example.org", "c@example.org", "d@example.org"},
				Text: []string{"Cc: <c@example.org>", "Reply-To: <desk@example.org>", "In-Reply-To: <1@x>", "X-Campaign: 7", "text/html", "<b>t</b>"}}}},
		{Name: "an address that is none", Account: account, In: Input{Account: "post", To: "nobody", Subject: "s", Text: "t"}, Class: engine.BadInput},
		{Name: "a subject of two lines", Account: account, In: Input{Account: "post", To: "a@x.org", Subject: "s\r\nBcc: e@x.org", Text: "t"}, Class: engine.BadInput},
		{Name: "a name of two lines", Account: account, In: Input{Account: "post", To: "\"a\r\nBcc: e@x.org\" <a@x.org>", Subject: "s", Text: "t"}, Class: engine.BadInput},
		{Name: "a header of two lines", Account: account, In: Input{Account: "post", To: "a@x.org", Subject: "s", Text: "t",
			Headers: map[string]string{"X-A": "1\nBcc: e@x.org"}}, Class: engine.BadInput},
		{Name: "a header of ours", Account: account, In: Input{Account: "post", To: "a@x.org", Subject: "s", Text: "t",
			Headers: map[string]string{"Bcc": "e@x.org"}}, Class: engine.BadInput},
		{Name: "nobody", Account: account, In: Input{Account: "post", To: []any{}, Subject: "s", Text: "t"}, Class: engine.BadInput},
		{Name: "no account", In: Input{From: "a@x.org", To: "a@x.org", Subject: "s", Text: "t"}, Class: engine.BadInput},
		{Name: "an answer to nothing", Account: account, In: Input{Account: "post", To: "a@x.org", Subject: "s", Text: "t", InReplyTo: strings.Trim(id, "<>")},
			Class: engine.BadInput},
	}
}
