package all

import (
	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/chat"
	"github.com/bretelle/bretelle/connectors/web"
	"github.com/bretelle/bretelle/connectors/webhook"
)

// Connectors is every connector, in the order of the reference pages.
func Connectors() []connectors.Connector {
	return []connectors.Connector{web.New(), chat.New(), webhook.New()}
}

// Catalog is the catalogue of all connectors. The error is Internal: a connector breaks the rules.
func Catalog() (*connectors.Catalog, error) { return connectors.NewCatalog(Connectors()...) }
