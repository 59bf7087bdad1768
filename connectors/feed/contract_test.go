package feed_test

import (
	"testing"

	"github.com/bretelle/bretelle/connectors/connectortest"
	"github.com/bretelle/bretelle/connectors/feed"
)

func TestContract(t *testing.T) { connectortest.Run(t, feed.New(), connectortest.Options{}) }
