package mail_test

import (
	"testing"

	"github.com/bretelle/bretelle/connectors/connectortest"
	"github.com/bretelle/bretelle/connectors/mail"
)

func TestContract(t *testing.T) { connectortest.Run(t, mail.New(), connectortest.Options{}) }
