package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// root is the top of the checkout, seen from this package.
const root = "../.."

// topLevel is what the project's owner fixed; hidden files may stand beside it.
var topLevel = []string{"README.md", "classify", "cmd", "collector", "go.mod", "go.sum", "store", "web"}

// mayImport lists which packages of the project a package may import, by folder; the longest matching folder rules.
// cmd may import everything.
var mayImport = map[string][]string{
	"collector":                {},
	"collector/export":         {"collector"}, // and every collector/<network>: see allowed
	"collector/export/dates":   {},
	"collector/export/undress": {},
	"collector/sourcetest":     {"collector", "collector/replay"}, // the suite and its wires: for tests
	"classify":                 {"classify/encoder"},              // the careful tier's arithmetic: it knows nothing of stances
	"classify/encoder":         {},
	"classify/prevalence":      {},
	"store":                    {"collector", "classify", "classify/prevalence"},
	"web":                      {"store", "classify", "classify/prevalence", "collector"},
}

// onlyFor names the one folder that may import a module.
var onlyFor = map[string]string{
	"go.etcd.io/bbolt":               "store",
	"github.com/jdkato/prose":        "classify",
	"github.com/dghubble/go-twitter": "collector/twitterv1",
	"html/template":                  "web",
}

// source is one Go file that is no test.
type source struct {
	name, folder string
	file         *ast.File
	text         string
}

func sources(t *testing.T) (out []source) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && d.Name() != "..") && path != root {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, raw, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		out = append(out, source{filepath.ToSlash(rel), filepath.ToSlash(filepath.Dir(rel)), f, string(raw)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 20 {
		t.Fatalf("found %d Go files: the walk is broken", len(out))
	}
	return out
}

func TestImports(t *testing.T) {
	for _, s := range sources(t) {
		for _, imp := range s.file.Imports {
			path, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if own, ok := strings.CutPrefix(path, "stallwatch/"); ok && !allowed(s.folder, own) {
				t.Errorf("%s imports %s, which its layer must not", s.name, own)
			}
			for module, folder := range onlyFor {
				if (path == module || strings.HasPrefix(path, module+"/")) && s.folder != folder {
					t.Errorf("%s imports %s; only %s may", s.name, path, folder)
				}
			}
		}
	}
}

func allowed(folder, imported string) bool {
	if strings.HasPrefix(folder, "cmd/") {
		return true
	}
	if strings.HasPrefix(imported, folder+"/") && folder == "web" {
		return true // a package's own parts
	}
	if folder == "collector/export" && strings.HasPrefix(imported, "collector/") {
		return true
	}
	for f := folder; f != "."; f = filepath.ToSlash(filepath.Dir(f)) {
		if list, ok := mayImport[f]; ok {
			if f == "collector" && f != folder {
				list = []string{"collector"} // collector/<network>
			}
			return slices.Contains(list, imported)
		}
	}
	return false
}

func TestPackageComments(t *testing.T) {
	comments := map[string]int{}
	for _, s := range sources(t) {
		if s.file.Doc != nil {
			comments[s.folder]++
			if first := s.file.Doc.Text(); !strings.HasPrefix(first, "Package ") && !strings.HasPrefix(first, "Command ") {
				t.Errorf("%s: the package comment begins %.30q", s.name, first)
			}
		} else if _, ok := comments[s.folder]; !ok {
			comments[s.folder] = 0
		}
	}
	for folder, n := range comments {
		if n != 1 {
			t.Errorf("%s has %d package comments, want 1", folder, n)
		}
	}
}

func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name := e.Name(); !strings.HasPrefix(name, ".") && !slices.Contains(topLevel, name) && !ignored(name) {
			t.Errorf("%s stands at the top level; only %s may", name, strings.Join(topLevel, " "))
		}
	}
}

// ignored are the files that .gitignore names: stores a developer made.
func ignored(name string) bool {
	return strings.HasSuffix(name, ".db") || strings.HasSuffix(name, ".db.key") || strings.HasSuffix(name, ".db.lock") || name == "stallwatch"
}

func TestNoThesisInCode(t *testing.T) {
	theses, err := os.ReadDir(filepath.Join(root, "classify", "theses"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sources(t) {
		for _, th := range theses {
			for i, line := range strings.Split(s.text, "\n") {
				code, _, _ := strings.Cut(line, "//")
				if strings.Contains(code, `"`+th.Name()) && !strings.Contains(code, "DefaultThesis") {
					t.Errorf("%s:%d names the thesis %s: theses are data", s.name, i+1, th.Name())
				}
			}
		}
	}
}
