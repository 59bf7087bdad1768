package flowfailed_test

import (
	"testing"

	"github.com/bretelle/bretelle/connectors/connectortest"
	"github.com/bretelle/bretelle/connectors/flowfailed"
)

func TestContract(t *testing.T) { connectortest.Run(t, flowfailed.New(), connectortest.Options{}) }
