package contact

import (
	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// recorded are exchanges with an address book.
func recorded() []connectors.Test[Input] {
	const origin = "https://dav.example.org"
	const book = origin + "/bot/people/"
	account := &engine.Credential{Name: "people", Origin: origin, User: "bot", Value: engine.NewSecret("for-the-test")}
	in := Input{Account: "people", Book: "/bot/people", Name: "Ada King Lovelace", Email: "Ada@Example.org", Organisation: "Engines; Ltd", Note: "Hello,\nthere", Source: "LinkedIn", Date: "2026-11-23"}
	basic := map[string]string{"Authorization": "Basic Ym90OmZvci10aGUtdGVzdA==", "Depth": "1", "Content-Type": "application/xml; charset=utf-8"}
	ask := func(status int, cards string) connectors.Exchange {
		return connectors.Exchange{Method: "REPORT", URL: book, Header: basic, Body: query("ada@example.org"), Status: status,
			Answer: map[string]string{"Content-Type": "application/xml"},
			Text:   `<?xml version="1.0"?><multistatus xmlns="DAV:" xmlns:CR="urn:ietf:params:xml:ns:carddav">` + cards + `</multistatus>`}
	}
	there := func(card string) string {
		return `<response><href>/bot/people/1.vcf</href><propstat><prop><getetag>"e1"</getetag><CR:address-data>` + card +
			`</CR:address-data></prop><status>HTTP/1.1 200 OK</status></propstat></response>`
	}
	uid := uidOf("ada@example.org")
	made := "BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Bretelle//EN\r\nUID:" + uid + "\r\nFN:Ada King Lovelace\r\nN:Lovelace;Ada King;;;\r\n" +
		"EMAIL;TYPE=INTERNET:ada@example.org\r\nORG:Engines\\; Ltd\r\nNOTE:Hello\\,\\nthere\\nLinkedIn\\, 2026-11-23\r\nEND:VCARD\r\n"
	old := "BEGIN:VCARD\nVERSION:4.0\nUID:u1\nFN:Ada L.\nitem1.EMAIL;PREF=1:ADA@example.org\nORG:Own\nX-ODD;A=\"b:c\":kept\nEND:VCARD\n"
	update := in
	update.Update = true
	put := func(url, body, header, value string, status int) connectors.Exchange {
		return connectors.Exchange{Method: "PUT", URL: url, Body: body, Status: status,
			Header: map[string]string{header: value, "Content-Type": "text/vcard; charset=utf-8", "Authorization": basic["Authorization"]}}
	}
	completed := "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:u1\r\nFN:Ada L.\r\nitem1.EMAIL;PREF=1:ADA@example.org\r\nORG:Own\r\nX-ODD;A=\"b:c\":kept\r\n" +
		"NOTE:Hello\\,\\nthere\\nLinkedIn\\, 2026-11-23\r\nEND:VCARD\r\n"
	return []connectors.Test[Input]{
		{Name: "a new contact", Account: account, In: in,
			Calls: []connectors.Exchange{ask(207, ""), put(book+uid+".vcf", made, "If-None-Match", "*", 201)},
			Out:   map[string]any{"uid": uid, "created": true, "updated": false, "url": book + uid + ".vcf", "name": "Ada King Lovelace", "email": "ada@example.org"}},
		{Name: "one that is there", Account: account, In: in, Calls: []connectors.Exchange{ask(207, there("BEGIN:VCARD\nEMAIL:eve@x.org\nEND:VCARD")+there(old))},
			Out: map[string]any{"uid": "u1", "created": false, "updated": false, "url": book + "1.vcf", "name": "Ada L."}},
		{Name: "one that is completed", Account: account, In: update,
			Calls: []connectors.Exchange{ask(207, there(old)), put(book+"1.vcf", completed, "If-Match", `"e1"`, 204)}, Out: map[string]any{"updated": true}},
		{Name: "one that is complete", Account: account, In: update, Calls: []connectors.Exchange{ask(207, there(completed))}, Out: map[string]any{"updated": false}},
		{Name: "one that was changed meanwhile", Account: account, In: update,
			Calls: []connectors.Exchange{ask(207, there(old)), put(book+"1.vcf", completed, "If-Match", `"e1"`, 412)}, Class: engine.Busy},
		{Name: "somebody was first", Account: account, In: in,
			Calls: []connectors.Exchange{ask(207, ""), put(book+uid+".vcf", made, "If-None-Match", "*", 412), ask(207, there(old))},
			Out:   map[string]any{"uid": "u1", "created": false}},
		{Name: "no address book", Account: account, In: in, Calls: []connectors.Exchange{{Method: "REPORT", URL: book, Body: query("ada@example.org"), Status: 200, Text: "<html>"}}, Class: engine.Garbled},
		{Name: "another server", Account: account, In: Input{Account: "people", Book: "https://evil.example.org/x/", Name: "A", Email: "a@x.org"}, Class: engine.Forbidden},
		{Name: "no address", Account: account, In: Input{Account: "people", Book: "/x/", Name: "A", Email: "a@x.org\r\nx"}, Class: engine.BadInput},
		{Name: "no name", Account: account, In: Input{Account: "people", Book: "/x/", Name: " ", Email: "a@x.org"}, Class: engine.BadInput},
	}
}
