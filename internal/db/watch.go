package db

import "context"

// watchKey is where a context carries who watches.
type watchKey struct{}

// WithWatch returns a context in which every statement that is sent through a
// Tx by itself is shown to fn first, with its parameters. It is how a test sees
// that a page asks nothing twice; fn may be called by several goroutines.
func WithWatch(ctx context.Context, fn func(query string, args []any)) context.Context {
	return context.WithValue(ctx, watchKey{}, fn)
}

func watched(ctx context.Context, query string, args []any) {
	if fn, ok := ctx.Value(watchKey{}).(func(string, []any)); ok {
		fn(query, args)
	}
}
