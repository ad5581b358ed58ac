package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

//go:embed static
var staticFiles embed.FS

// asset is one static file under a name that contains a hash of its content.
type asset struct {
	url  string // "/static/app.0a1b2c3d4e.css"
	mime string
	raw  []byte
	gzip []byte // empty where compressing gains nothing
}

// assets holds every static file, by its plain name and by its URL.
type assets struct {
	byName map[string]*asset
	byURL  map[string]*asset
}

// loadAssets reads and compresses the embedded files, once per process.
var loadAssets = sync.OnceValue(func() *assets {
	all := &assets{byName: map[string]*asset{}, byURL: map[string]*asset{}}
	var sheets []string
	err := fs.WalkDir(staticFiles, "static", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch path.Ext(file) {
		case ".css":
			sheets = append(sheets, file)
			return nil
		case ".txt", ".sha256":
			return nil
		}
		if file == ownScript {
			return all.add(file, bareScript)
		}
		return all.add(file, nil)
	})
	for _, file := range sheets {
		if err == nil {
			err = all.add(file, all.hashURLs)
		}
	}
	if err != nil {
		panic("web: embedded static files: " + err.Error())
	}
	return all
})

func (a *assets) add(file string, rewrite func([]byte) []byte) error {
	raw, err := staticFiles.ReadFile(file)
	if err != nil {
		return err
	}
	if rewrite != nil {
		raw = rewrite(raw)
	}
	name, ext := path.Base(file), path.Ext(file)
	sum := sha256.Sum256(raw)
	f := &asset{
		url:  "/static/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:5]) + ext,
		mime: mime.TypeByExtension(ext),
		raw:  raw,
	}
	if ext == ".woff2" {
		f.mime = "font/woff2"
	} else if z := compress(raw); len(z) < len(raw) {
		f.gzip = z
	}
	a.byName[name], a.byURL[f.url] = f, f
	return nil
}

var cssURL = regexp.MustCompile(`url\("([^"/]+)"\)`)

// cssSpare and cssBreak are what a browser has no use for: comments, indentation,
// and the ends of lines that a sign ends as well.
var (
	cssSpare = regexp.MustCompile(`(?s)/\*.*?\*/|\n\s+`)
	cssBreak = regexp.MustCompile(`([{};,])\n+`)
)

// hashURLs replaces the plain file names in a style sheet by hashed URLs, and
// leaves out what only its readers need.
func (a *assets) hashURLs(css []byte) []byte {
	css = cssSpare.ReplaceAllFunc(css, func(m []byte) []byte {
		if m[0] == '\n' {
			return []byte("\n")
		}
		return nil
	})
	css = cssBreak.ReplaceAll(css, []byte("$1"))
	return cssURL.ReplaceAllFunc(css, func(m []byte) []byte {
		return []byte(`url("` + a.byName[string(cssURL.FindSubmatch(m)[1])].url + `")`)
	})
}

// ownScript is the script that is written here; the others stay as their makers
// signed them.
const ownScript = "static/app.js"

// scriptSpare is what a browser has no use for: lines of comment and indentation.
// It must not begin a line inside a text of several lines; there is none.
var scriptSpare = regexp.MustCompile(`(?m)^[ \t]*//.*\n|^[ \t]+`)

func bareScript(js []byte) []byte { return scriptSpare.ReplaceAll(js, nil) }

func compress(raw []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = w.Write(raw)
	_ = w.Close()
	return b.Bytes()
}

// assetURL returns the address of a static file. It panics for a name that is
// not embedded: the name is always a constant of a component.
func assetURL(name string) string {
	a := loadAssets().byName[name]
	if a == nil {
		panic("web: no static file " + name)
	}
	return a.url
}

// Static serves the embedded files below /static/. An address contains a hash
// of the content, so browsers may keep it for a year.
func Static() http.Handler {
	all := loadAssets()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := all.byURL[r.URL.Path]
		if a == nil {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.mime)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Vary", "Accept-Encoding")
		body := a.raw
		if a.gzip != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			body = a.gzip
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method != http.MethodHead {
			_, _ = w.Write(body)
		}
	})
}
