package web

import (
	"context"
	"embed"
	"io"
	"io/fs"
	"math"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"
)

//go:embed icons/*.svg
var iconFiles embed.FS

var (
	iconPath  = regexp.MustCompile(`<path[^>]*>`)
	iconFine  = regexp.MustCompile(`[0-9]*\.[0-9]{3,}`)
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
		paths = iconFine.ReplaceAllStringFunc(paths, hundredths)
		if !strings.HasSuffix(file, "-filled.svg") {
			paths = strings.ReplaceAll(paths, nextLine, "M")
		}
		icons[strings.TrimSuffix(path.Base(file), ".svg")] = paths
	}
	return icons
})

// hundredths writes a number as exactly as 24 units across need it.
func hundredths(number string) string {
	n, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return number
	}
	return strings.TrimPrefix(strconv.FormatFloat(math.Round(n*100)/100, 'f', -1, 64), "0")
}

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
