package web

import (
	"context"
	"embed"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"mainstay"
)

//go:embed icons/*.svg
var iconFiles embed.FS

var (
	iconPath  = regexp.MustCompile(`<path[^>]*>`)
	iconFrame = `<path stroke="none" d="M0 0h24v24H0z" fill="none" />`
	// nextLine is where lines of a drawing can be one: pages have many of them.
	// Areas that are filled stay apart, for they may overlap.
	nextLine = `"/><path d="M`
)

// loadIcons returns the drawing of every icon by name.
var loadIcons = sync.OnceValue(func() map[string]string {
	icons := map[string]string{}
	names, err := fs.Glob(iconFiles, "icons/*.svg")
	if err != nil {
		panic("web: embedded icons: " + err.Error())
	}
	for _, file := range names {
		raw, err := iconFiles.ReadFile(file)
		if err != nil {
			panic("web: embedded icons: " + err.Error())
		}
		svg := strings.Replace(string(raw), iconFrame, "", 1)
		paths := strings.Join(iconPath.FindAllString(svg, -1), "")
		paths = strings.NewReplacer(" />", "/>", " -", "-").Replace(paths) // a sign parts numbers as well
		if !strings.HasSuffix(file, "-filled.svg") {
			paths = strings.ReplaceAll(paths, nextLine, "M")
		}
		icons[strings.TrimSuffix(path.Base(file), ".svg")] = paths
	}
	return icons
})

// icon draws a Tabler icon inline, hidden from screen readers: the words beside
// it carry the meaning. Extra CSS classes follow the name. An unknown name
// draws nothing, for a kind's icon is data.
func icon(name string, classes ...string) templ.Component {
	class := "i"
	if strings.HasSuffix(name, "-filled") {
		class = "i f"
	}
	for _, c := range classes {
		class += " " + c
	}
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, `<svg class="`+class+`" viewBox="0 0 24 24" aria-hidden="true">`+loadIcons()[name]+`</svg>`)
		return err
	})
}

// rowIcons draws the icons of the sync states once for the rows of a table, which
// show them by drawnIcon: a row would else repeat the drawings.
func rowIcons() templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		out := `<svg hidden>`
		for _, s := range mainstay.SyncStates() {
			out += `<symbol id="i-` + syncIcon(s) + `" viewBox="0 0 24 24">` + loadIcons()[syncIcon(s)] + `</symbol>`
		}
		_, err := io.WriteString(w, out+`</svg>`)
		return err
	})
}

// drawnIcon shows an icon of rowIcons, which must be on the page.
func drawnIcon(name string) templ.Component {
	class := "i"
	if strings.HasSuffix(name, "-filled") {
		class = "i f"
	}
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, `<svg class="`+class+`" aria-hidden="true"><use href="#i-`+name+`"/></svg>`)
		return err
	})
}
