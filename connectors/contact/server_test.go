package contact_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/contact"
	"github.com/bretelle/bretelle/engine"
)

// An address book that says its contacts lie elsewhere has nobody else written to.
func TestContactsLieWhereTheBookIs(t *testing.T) {
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		elsewhere.Add(1)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer other.Close()
	var puts atomic.Int64
	book := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "PUT" {
			puts.Add(1)
			w.WriteHeader(http.StatusCreated)
			return
		}
		w.WriteHeader(http.StatusMultiStatus)
		_, _ = fmt.Fprintf(w, `<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><response><href>%s/ada.vcf</href><propstat><prop>`+
			`<getetag>"1"</getetag><C:address-data>BEGIN:VCARD&#13;&#10;VERSION:3.0&#13;&#10;UID:1&#13;&#10;FN:Ada&#13;&#10;EMAIL:ada@example.org&#13;&#10;END:VCARD&#13;&#10;`+
			`</C:address-data></prop></propstat></response></multistatus>`, other.URL) // whoever hung up shows in what it reports
	}))
	defer book.Close()
	cat, err := connectors.NewCatalog(contact.New())
	if err != nil {
		t.Fatal(err)
	}
	p := connectors.NewPerformer(cat, connectors.Exits{})
	defer p.Close()
	in, err := json.Marshal(map[string]any{"book": book.URL + "/people/", "name": "Ada", "email": "ada@example.org", "note": "new", "update": true, "allow_private": true})
	if err != nil {
		t.Fatal(err)
	}
	r := p.Perform(context.Background(), engine.Task{Action: "contact.card.find_or_create", Key: "r/s", Input: in})
	if elsewhere.Load() != 0 || puts.Load() != 1 || r.Failure != nil {
		t.Errorf("%d requests went elsewhere, %d to the book: %s %+v", elsewhere.Load(), puts.Load(), r.Output, r.Failure)
	}
}
