package memory_test

import (
	"errors"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage/memory"
	"github.com/bretelle/bretelle/storage/storagetest"
)

func TestContract(t *testing.T) {
	storagetest.Run(t, func(*testing.T) storagetest.Store { return memory.New() })
}

func TestFailpointStoresNothing(t *testing.T) {
	for _, point := range []string{"member", "commit"} {
		s := memory.New()
		s.Fail = func(p string) error {
			if p == point {
				return errors.New("asked to")
			}
			return nil
		}
		if err := s.SetSetting(t.Context(), "k", "v"); engine.CodeOf(err) != engine.Unavailable {
			t.Errorf("%s: error is %v, want unavailable", point, err)
		}
		if v, err := s.Setting(t.Context(), "k"); v != "" || err != nil {
			t.Errorf("%s: stored %q (%v)", point, v, err)
		}
	}
}
