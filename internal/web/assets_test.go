package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mainstay"
)

func TestStatic(t *testing.T) {
	get := func(url, encoding string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, url, nil)
		r.Header.Set("Accept-Encoding", encoding)
		w := httptest.NewRecorder()
		Static().ServeHTTP(w, r)
		return w.Result()
	}
	got := get(assetURL("app.css"), "gzip, br")
	if got.StatusCode != http.StatusOK || got.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("style sheet: %d %v", got.StatusCode, got.Header)
	}
	if got := get(assetURL("app.css"), ""); got.Header.Get("Content-Encoding") != "" {
		t.Errorf("compressed for a client that did not ask: %v", got.Header)
	}
	if got := get(assetURL("inter-latin-wght-normal.woff2"), "gzip"); got.Header.Get("Content-Type") != "font/woff2" || got.Header.Get("Content-Encoding") != "" {
		t.Errorf("font: %v", got.Header)
	}
	for _, url := range []string{"/static/app.css", "/static/", "/static/../doc.go", "/static/app.0000000000.css"} {
		if got := get(url, ""); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", url, got.StatusCode)
		}
	}
}

func TestStatic_everyURLOfTheStyleSheetExists(t *testing.T) {
	all := loadAssets()
	css := string(all.byName["app.css"].raw)
	urls := regexp.MustCompile(`url\("([^"]+)"\)`).FindAllStringSubmatch(css, -1)
	if len(urls) == 0 {
		t.Fatal("the style sheet names no font")
	}
	for _, u := range urls {
		if all.byURL[u[1]] == nil {
			t.Errorf("the style sheet names %s, which is not there", u[1])
		}
	}
}

// Vendored files are what their project published: a change needs a new sum.
func TestStatic_vendorSums(t *testing.T) {
	sums, err := os.ReadFile("static/vendor/vendor.sha256")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(sums)), "\n") {
		f := strings.Fields(line)
		listed[f[1]] = f[0]
	}
	files, err := filepath.Glob("static/vendor/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasSuffix(name, ".txt") || name == "vendor.sha256" {
			continue
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(raw)
		if diff := cmp.Diff(hex.EncodeToString(sum[:]), listed[name]); diff != "" {
			t.Errorf("%s (-file +vendor.sha256):\n%s", name, diff)
		}
	}
}

// Every icon that is named exists, and every icon that is embedded is named.
func TestIcons(t *testing.T) {
	files, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, file := range files {
		if strings.HasSuffix(file, "_templ.go") || strings.HasSuffix(file, "_test.go") || !strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, ".templ") {
			continue
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text += string(raw)
	}
	for _, k := range mainstay.Kinds() {
		text += `"` + k.Icon + `"`
		if loadIcons()[k.Icon] == "" {
			t.Errorf("%s: no icon %s", k.Name, k.Icon)
		}
	}
	for _, m := range regexp.MustCompile(`(?:@icon\(|Icon: +)"([^"]+)"`).FindAllStringSubmatch(text, -1) {
		if loadIcons()[m[1]] == "" {
			t.Errorf("no icon %s", m[1])
		}
	}
	for name := range loadIcons() {
		if !strings.Contains(text, `"`+name+`"`) {
			t.Errorf("the icon %s is embedded and never used", name)
		}
	}
}

// The script is sent without its comments, which must not cut into a text.
func TestStatic_script(t *testing.T) {
	raw, err := staticFiles.ReadFile(ownScript)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range regexp.MustCompile("`[^`]*`").FindAllString(string(raw), -1) {
		if strings.Contains(text, "\n") {
			t.Errorf("a text of several lines would lose its indentation: %s", text)
		}
	}
	sent := string(loadAssets().byName["app.js"].raw)
	if strings.Contains(sent, "\n//") || strings.Contains(sent, "\n ") || !strings.HasSuffix(sent, "})();\n") || len(sent) < len(raw)/2 {
		t.Errorf("the script is sent as\n%s", sent)
	}
}
