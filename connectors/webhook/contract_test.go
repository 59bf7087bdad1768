package webhook_test

import (
	"testing"

	"github.com/bretelle/bretelle/connectors/connectortest"
	"github.com/bretelle/bretelle/connectors/webhook"
)

func TestContract(t *testing.T) { connectortest.Run(t, webhook.New(), connectortest.Options{}) }
