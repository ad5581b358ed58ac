package server

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// compressed are the types of answers worth compressing. Streams are not among
// them, for each event must leave at once, and static files are compressed
// already. The length of a page gets a random part, so that nothing can be
// learnt from it about a secret beside text that an attacker chose.
var compressed = []string{"text/html", "text/csv", "text/plain", "application/json", "image/svg+xml"}

// smallest is the size in bytes below which compressing gains nothing.
const smallest = 1024

// compress is the middleware that sends pages compressed to browsers that can read them.
func compress(next http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(smallest), gzhttp.ContentTypes(compressed), gzhttp.RandomJitter(32, 0, false))
	if err != nil {
		return next // the options are constants, and a test sees a page compressed
	}
	zipped := wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/events") {
			next.ServeHTTP(w, r)
			return
		}
		zipped.ServeHTTP(w, r)
	})
}
