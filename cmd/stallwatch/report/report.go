// Package report writes a folder that can be published: a page, tables, figures, the method in words, and checksums.
//
//	report.html              the summary page and the method in one file that needs nothing else
//	summary.csv, .json       every number of the page
//	posts.csv, .parquet      one row a post: package dataset
//	figures/*.svg, *.png     the charts
//	METHODS.md               what was read, by what, what was left out and why, estimators, limits, disclosure
//	datapackage.json         Frictionless Data: files, sizes, hashes, and a dictionary of every column
//	SHA256SUMS               for sha256sum -c
//
// The same posts, options and version of Stallwatch give the same bytes: nothing in the folder depends on the clock, the name
// of the machine or the folder that the files were in.
package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"path/filepath"

	"stallwatch/classify"
	"stallwatch/cmd/stallwatch/dataset"
	"stallwatch/store"
	"stallwatch/web"
)

// Input is what a report is made of.
type Input struct {
	Thesis    *classify.Thesis
	Figures   web.Figures
	Version   string
	FromFiles bool // made from files, not from a store: times of reading are left out
	Text      bool // with the posts' texts
	Stated    Stated
}

// Stated is what only the people behind a report know. What is empty is named as missing.
type Stated struct {
	By      string // who made it
	Sponsor string // who paid for it
	Query   string // how the posts were chosen
}

// File is one file of the folder.
type File struct {
	Path   string // with slashes
	Bytes  int64
	SHA256 string
}

// folder writes files and keeps their hashes.
type folder struct {
	dir   string
	files []File
}

// Write writes all files into dir, which exists and is empty. each calls its argument for every post, in order of time.
func Write(ctx context.Context, dir string, in Input, each func(context.Context, func(store.Record) error) error) ([]File, error) {
	f := &folder{dir: dir}
	if !in.Text {
		in.Figures = in.Figures.Public()
	}
	if err := f.tables(ctx, in, each); err != nil {
		return nil, err
	}
	if err := f.figures(in.Figures); err != nil {
		return nil, err
	}
	methods := Methods(in)
	steps := []struct {
		name  string
		write func(io.Writer) error
	}{
		{"summary.csv", func(w io.Writer) error { return web.WriteCSV(w, in.Figures) }},
		{"summary.json", func(w io.Writer) error { return web.WriteJSON(w, in.Figures) }},
		{"METHODS.md", func(w io.Writer) error { return text(w, methods) }},
		{"report.html", func(w io.Writer) error { return web.WriteReport(w, in.Thesis, in.Figures, methods, in.Version) }},
		{"datapackage.json", func(w io.Writer) error { return writePackage(w, in, f.files) }},
		{"SHA256SUMS", func(w io.Writer) error { return text(w, f.sums()) }},
	}
	for _, s := range steps {
		if err := f.write(s.name, s.write); err != nil {
			return nil, err
		}
	}
	return f.files, ctx.Err()
}

func text(w io.Writer, s string) error {
	_, err := io.WriteString(w, s)
	return err
}

// output is one file being written.
type output struct {
	file *os.File // not embedded: its WriteString would go past the hash
	name string
	hash hash.Hash
	size int64
}

func (f *folder) create(name string) (*output, error) {
	full := filepath.Join(f.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return nil, err
	}
	file, err := os.Create(full)
	return &output{file: file, name: name, hash: sha256.New()}, err
}

func (o *output) Write(p []byte) (int, error) {
	o.hash.Write(p)
	o.size += int64(len(p))
	return o.file.Write(p)
}

// Close closes the file.
func (o *output) Close() error { return o.file.Close() }

// done closes a file and lists it.
func (f *folder) done(o *output) error {
	f.files = append(f.files, File{o.name, o.size, hex.EncodeToString(o.hash.Sum(nil))})
	return o.Close()
}

func (f *folder) write(name string, write func(io.Writer) error) error {
	o, err := f.create(name)
	if err != nil {
		return err
	}
	if err := write(o); err != nil {
		o.Close()
		return fmt.Errorf("%s: %w", name, err)
	}
	return f.done(o)
}

// tables writes posts.csv and posts.parquet in one pass over the posts.
func (f *folder) tables(ctx context.Context, in Input, each func(context.Context, func(store.Record) error) error) error {
	var outs []*output
	var tables []dataset.Writer
	defer func() {
		for _, o := range outs {
			o.Close() // again, or after an error
		}
	}()
	for _, format := range []string{"csv", "parquet"} {
		o, err := f.create("posts." + format)
		if err != nil {
			return err
		}
		outs = append(outs, o)
		t, err := dataset.New(o, format, in.Text, in.Version)
		if err != nil {
			return err
		}
		tables = append(tables, t)
	}
	err := each(ctx, func(r store.Record) error {
		for _, t := range tables {
			if err := t.Write(&r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, t := range tables {
		if err := t.Close(); err != nil {
			return err
		}
		if err := f.done(outs[i]); err != nil {
			return err
		}
	}
	return nil
}

func (f *folder) figures(figs web.Figures) error {
	drawings, err := web.Drawings(figs)
	if err != nil {
		return err
	}
	for _, d := range drawings {
		base := path.Join("figures", d.Name)
		if err := f.write(base+".svg", func(w io.Writer) error { return text(w, string(d.SVG)) }); err != nil {
			return err
		}
		if err := f.write(base+".png", d.PNG); err != nil {
			return err
		}
	}
	return nil
}

// sums is what sha256sum writes.
func (f *folder) sums() string {
	var b bytes.Buffer
	for _, file := range f.files {
		fmt.Fprintf(&b, "%s  %s\n", file.SHA256, file.Path)
	}
	return b.String()
}
