package schedule_test

import (
	"testing"

	"github.com/bretelle/bretelle/connectors/connectortest"
	"github.com/bretelle/bretelle/connectors/schedule"
)

func TestContract(t *testing.T) { connectortest.Run(t, schedule.New(), connectortest.Options{}) }
