package export

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"stallwatch/collector/xarchive"
)

// Find names the files that arguments stand for, each once, in the order of the arguments: a file itself, all files below
// a folder by name, the files that a pattern such as posts-*.jsonl matches where the shell has not resolved it. Hidden
// files, and in the folder of an X archive everything but its posts, are left out. "-" stays. An argument that stands for
// nothing is an error.
func Find(args []string) ([]string, error) {
	var all []string
	for _, arg := range args {
		files, err := find(arg)
		if err != nil {
			return nil, fmt.Errorf("export: %w", err)
		}
		for _, f := range files {
			if !slices.Contains(all, f) || f == "-" {
				all = append(all, f)
			}
		}
	}
	return all, nil
}

func find(arg string) ([]string, error) {
	info, err := os.Stat(arg)
	switch {
	case arg == "-":
		return []string{arg}, nil
	case err == nil && info.IsDir():
		return findBelow(arg)
	case err == nil || !strings.ContainsAny(arg, "*?["):
		return []string{arg}, nil // one that is not there is reported when it is opened, and costs itself only
	}
	matches, err := filepath.Glob(arg)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", arg, err)
	}
	if len(matches) == 0 {
		return nil, fmt.Errorf("no file matches %s", arg)
	}
	var all []string
	for _, m := range matches {
		files, err := find(m)
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	return all, nil
}

// findBelow lists the regular files below a folder. Links are not followed: they can lead anywhere.
func findBelow(dir string) ([]string, error) {
	var names []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(d.Name(), "."), d.IsDir() && d.Name() == "__MACOSX":
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.Type().IsRegular() && !junk(name):
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	names = withoutPrivate(names)
	if len(names) == 0 {
		return nil, fmt.Errorf("no file below %s", dir)
	}
	for i, n := range names {
		names[i] = filepath.Join(dir, filepath.FromSlash(n))
	}
	return names, nil
}

// withoutPrivate leaves out of every X archive among the names what is no post.
func withoutPrivate(names []string) []string {
	archives := map[string]bool{}
	for _, n := range names {
		if dir, ok := xarchive.Dir([]string{n}); ok {
			archives[dir] = true
		}
	}
	return slices.DeleteFunc(names, func(n string) bool {
		for dir := range archives {
			if strings.HasPrefix(n, dir+"/") {
				return path.Dir(n) != dir || !xarchive.Reads(n)
			}
			if parent := path.Dir(dir); parent != "." && (strings.HasPrefix(n, parent+"/assets/") || n == parent+"/Your archive.html") ||
				parent == "." && (strings.HasPrefix(n, "assets/") || n == "Your archive.html") {
				return true
			}
		}
		return false
	})
}
