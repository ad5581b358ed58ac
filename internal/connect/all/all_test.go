package all_test

import (
	"testing"

	"mainstay/internal/connect/all"
)

func TestConnectors(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range all.Connectors() {
		if c.Name == "" || c.Label == "" || c.New == nil || len(c.Options) == 0 || seen[c.Name] {
			t.Errorf("the connector %+v is not complete, or there twice", c)
		}
		seen[c.Name] = true
	}
}
