package all_test

import (
	"os"
	"slices"
	"testing"

	"github.com/bretelle/bretelle/connectors/all"
)

// TestListAndFolders compares the list with the folders beside this one (R11).
func TestListAndFolders(t *testing.T) {
	named := map[string]string{"http": "web"} // connectors whose folder has another name
	var listed, there []string
	for _, c := range all.Connectors() {
		folder := c.Name
		if n := named[c.Name]; n != "" {
			folder = n
		}
		listed = append(listed, folder)
	}
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && !slices.Contains([]string{"all", "intake", "connectortest"}, e.Name()) {
			there = append(there, e.Name())
		}
	}
	slices.Sort(listed)
	slices.Sort(there)
	if !slices.Equal(listed, there) {
		t.Errorf("listed %v, folders %v", listed, there)
	}
	cat, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	if got := cat.Names(); !slices.Equal(got, []string{"chat.message.post", "http.request"}) {
		t.Errorf("actions %v", got)
	}
	if got := cat.TriggerNames(); !slices.Equal(got, []string{"webhook.received"}) {
		t.Errorf("triggers %v", got)
	}
}
