// Package all lists the connectors that the product has.
//
//	web ─┐
//	chat ├─▶ Connectors() ─▶ connectors.NewCatalog
//	webhook ┘
//
// Why a list written by hand instead of registration at start-up: what is in the product can be read here, and a
// test compares it with the folders (R11).
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
