package internal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// source is one Go file of the module.
type source struct {
	path  string // from the module root, with slashes
	pkg   string // the folder, "." for the root, without a leading "internal/"
	test  bool
	made  bool // generated
	lines int
	set   *token.FileSet
	file  *ast.File
}

// sources parses every Go file of the module.
func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		if d.IsDir() {
			if name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "node_modules") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		s, err := parse(name)
		out = append(out, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 20 {
		t.Fatalf("only %d Go files found: the walk is broken", len(out))
	}
	return out
}

func parse(name string) (source, error) {
	text, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(name)))
	if err != nil {
		return source{}, err
	}
	s := source{path: name, pkg: strings.TrimPrefix(path.Dir(name), "internal/"), test: strings.HasSuffix(name, "_test.go"), set: token.NewFileSet()}
	s.file, err = parser.ParseFile(s.set, name, text, parser.ParseComments)
	if err != nil {
		return source{}, err
	}
	s.made = ast.IsGenerated(s.file)
	s.lines = s.set.File(s.file.Pos()).LineCount()
	return s, nil
}

// at names the place of a node for a message.
func (s source) at(n ast.Node) string { return s.set.Position(n.Pos()).String() }

// selectors calls fn with every "x.Name" of the file: x is empty where it is no
// plain identifier.
func (s source) selectors(fn func(x, name string, at node)) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			x := ""
			if id, ok := sel.X.(*ast.Ident); ok {
				x = id.Name
			}
			fn(x, sel.Sel.Name, sel)
		}
		return true
	})
}

// among reports whether a package is in a list of packages separated by spaces.
func among(pkg, list string) bool {
	for _, p := range strings.Fields(list) {
		if p == pkg {
			return true
		}
	}
	return false
}
