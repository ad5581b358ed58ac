// Package all is the explicit list of connectors. A new one costs one folder
// and one line here.
package all

import (
	"mainstay/internal/connect"
	"mainstay/internal/connect/connectwise"
)

// Connectors lists every connector, in the order of the form that adds one.
func Connectors() []connect.Spec {
	return []connect.Spec{connectwise.Spec()}
}
