package event_test

import (
	"testing"

	"github.com/bretelle/bretelle/connectors/connectortest"
	"github.com/bretelle/bretelle/connectors/event"
)

func TestContract(t *testing.T) { connectortest.Run(t, event.New(), connectortest.Options{}) }
