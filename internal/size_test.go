package internal

import (
	"go/ast"
	"testing"
)

// The limits. There is no list of exceptions: split by noun instead.
const (
	maxFile     = 400 // lines
	maxFunction = 60  // lines
)

// The packages that may look at the clock; all others get the time handed in.
const mayReadClock = "cmd/mainstay cli bench connect jobs storetest connect/connecttest connect/<psa>/simulator"

// The packages that may look at the environment. storetest hands it on to the
// database server that it starts.
const mayReadEnvironment = "cmd/mainstay config storetest"

type node = ast.Node

func (s source) functions() []*ast.FuncDecl {
	var out []*ast.FuncDecl
	for _, d := range s.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			out = append(out, f)
		}
	}
	return out
}

// written lists the files that people write and that are no tests.
func written(t *testing.T) []source {
	var out []source
	for _, s := range sources(t) {
		if !s.test && !s.made {
			out = append(out, s)
		}
	}
	return out
}

func TestSizes(t *testing.T) {
	for _, s := range written(t) {
		if s.lines > maxFile {
			t.Errorf("%s has %d lines, more than %d", s.path, s.lines, maxFile)
		}
		for _, f := range s.functions() {
			n := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line + 1
			if n > maxFunction {
				t.Errorf("%s: %s has %d lines, more than %d", s.at(f), f.Name.Name, n, maxFunction)
			}
		}
	}
}

func TestNoInitFunctions(t *testing.T) {
	for _, s := range written(t) {
		for _, f := range s.functions() {
			if f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: an init function runs unseen; call it where things are wired", s.at(f))
			}
		}
	}
}

func TestPackageComments(t *testing.T) {
	first := map[string]string{}
	has := map[string]int{}
	for _, s := range written(t) {
		if first[s.pkg] == "" {
			first[s.pkg] = s.path
		}
		if s.file.Doc != nil {
			has[s.pkg]++
		}
	}
	for pkg, file := range first {
		if has[pkg] != 1 {
			t.Errorf("package %s (%s) has %d package comments, want one", pkg, file, has[pkg])
		}
	}
}

func TestExportedNamesAreDocumented(t *testing.T) {
	for _, s := range written(t) {
		for _, d := range s.file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
					t.Errorf("%s: %s has no comment", s.at(d), d.Name.Name)
				}
			case *ast.GenDecl:
				s.checkGroup(t, d)
			}
		}
	}
}

// checkGroup checks the types, constants and variables of one declaration. A
// comment on the group covers its constants and variables, not its types.
func (s source) checkGroup(t *testing.T, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() && spec.Doc == nil && (d.Doc == nil || d.Lparen.IsValid()) {
				t.Errorf("%s: type %s has no comment", s.at(spec), spec.Name.Name)
			}
		case *ast.ValueSpec:
			for _, name := range spec.Names {
				if name.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
					t.Errorf("%s: %s has no comment", s.at(name), name.Name)
				}
			}
		}
	}
}

func exportedReceiver(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	typ := f.Recv.List[0].Type
	for {
		switch t := typ.(type) {
		case *ast.StarExpr:
			typ = t.X
		case *ast.IndexExpr:
			typ = t.X
		case *ast.IndexListExpr:
			typ = t.X
		case *ast.Ident:
			return t.IsExported()
		default:
			return false
		}
	}
}

func TestClockAndEnvironment(t *testing.T) {
	forbidden := []struct{ x, names, allowed, why string }{
		{"time", "Now Since Until", mayReadClock, "the time comes in from outside"},
		{"os", "Getenv LookupEnv Environ ExpandEnv", mayReadEnvironment, "only config reads the environment"},
	}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		s.selectors(func(x, name string, at node) {
			for _, f := range forbidden {
				if x == f.x && among(name, f.names) && !among(row(s.pkg), f.allowed) {
					t.Errorf("%s: package %s calls %s.%s; %s", s.at(at), s.pkg, x, name, f.why)
				}
			}
		})
	}
}

// TestNoVagueFolders keeps packages named for what they give.
func TestNoVagueFolders(t *testing.T) {
	for _, s := range sources(t) {
		if among(s.file.Name.Name, "util utils common helpers types models misc shared base") {
			t.Errorf("%s: %q says nothing of what the package gives", s.path, s.file.Name.Name)
		}
	}
}
