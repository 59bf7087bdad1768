package all

import (
	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/chat"
	"github.com/bretelle/bretelle/connectors/command"
	"github.com/bretelle/bretelle/connectors/contact"
	"github.com/bretelle/bretelle/connectors/event"
	"github.com/bretelle/bretelle/connectors/feed"
	"github.com/bretelle/bretelle/connectors/flowfailed"
	"github.com/bretelle/bretelle/connectors/form"
	"github.com/bretelle/bretelle/connectors/mail"
	"github.com/bretelle/bretelle/connectors/schedule"
	"github.com/bretelle/bretelle/connectors/table"
	"github.com/bretelle/bretelle/connectors/watch"
	"github.com/bretelle/bretelle/connectors/web"
	"github.com/bretelle/bretelle/connectors/webhook"
)

// Connectors is every connector, in the order of the reference pages.
func Connectors() []connectors.Connector {
	return []connectors.Connector{web.New(), chat.New(), webhook.New(),
		schedule.New(), feed.New(), watch.New(), form.New(), command.New(), flowfailed.New(), event.New(),
		mail.New(), contact.New(), table.New()}
}

// Sources is what polled triggers look at, by the trigger's name.
func Sources() map[string]connectors.Source {
	out := map[string]connectors.Source{}
	for _, c := range Connectors() {
		for trigger, s := range c.Sources {
			out[trigger] = s
		}
	}
	return out
}

// Catalog is the catalogue of all connectors. The error is Internal: a connector breaks the rules.
func Catalog() (*connectors.Catalog, error) { return connectors.NewCatalog(Connectors()...) }
