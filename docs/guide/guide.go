// Package guide holds the user guide: one page of Markdown per task, and the
// pictures that a test takes of the running demo. The application shows them as
// its help, so a screen and its description are of one version.
package guide

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed *.md pictures/*.png
var files embed.FS

// Guide is one page.
type Guide struct {
	Name  string // of the file and in addresses: "disconnect"
	Title string // its first line
	Text  string // the rest, as Markdown
}

// names are the pages, in the order in which somebody needs them.
var names = []string{"before-a-cleanup", "wrong-tick-box", "delete-orphans", "delete-by-type", "disconnect", "one-item", "change-and-protect", "merge", "get-it-back"}

// All returns every page. It reads embedded files, so it costs their size.
func All() []Guide {
	all := make([]Guide, 0, len(names))
	for _, n := range names {
		if g, ok := Named(n); ok {
			all = append(all, g)
		}
	}
	return all
}

// Named returns one page; ok is false for a name that no page has.
func Named(name string) (g Guide, ok bool) {
	b, err := files.ReadFile(name + ".md")
	if err != nil || name == "README" {
		return Guide{}, false
	}
	title, text, _ := strings.Cut(string(b), "\n")
	return Guide{Name: name, Title: strings.TrimPrefix(title, "# "), Text: strings.TrimSpace(text)}, true
}

// Pictures are the pictures by file name.
func Pictures() fs.FS {
	sub, err := fs.Sub(files, "pictures")
	if err != nil {
		return files // cannot happen: the folder is embedded
	}
	return sub
}
