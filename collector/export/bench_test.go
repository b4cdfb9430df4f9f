package export_test

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"stallwatch/collector/export"
)

// BenchmarkFormats decodes the fixtures of each format, framing left aside, on one goroutine.
func BenchmarkFormats(b *testing.B) {
	filepath.WalkDir("testdata/fixtures", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) == ".py" {
			return err
		}
		name, _ := filepath.Rel("testdata/fixtures", path)
		b.Run(name, func(b *testing.B) { benchDecode(b, path) })
		return nil
	})
}

func benchDecode(b *testing.B, path string) {
	f, err := export.Open(path, export.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var values []export.Value
	for v, err := f.Next(); err != io.EOF; v, err = f.Next() {
		values = append(values, v)
	}
	b.SetBytes(f.Size())
	b.ReportAllocs()
	posts := 0
	for b.Loop() {
		for _, v := range values {
			posts += len(f.Decode(v).Posts)
		}
	}
	b.ReportMetric(float64(posts)/float64(b.N), "posts/op")
}

// BenchmarkFile reads the file that STALLWATCH_BENCH names, of any size and format, on one goroutine: read, frame and decode,
// with the file's SHA-256, as an import does it, and without.
func BenchmarkFile(b *testing.B) {
	b.Run("hashed", func(b *testing.B) {
		benchNamed(b, func(name string) (*export.File, error) { return export.Open(name, export.Options{}) })
	})
	b.Run("unhashed", func(b *testing.B) { benchNamed(b, export.OpenUnhashed) })
}

func benchNamed(b *testing.B, open func(name string) (*export.File, error)) {
	name := os.Getenv("STALLWATCH_BENCH")
	info, err := os.Stat(name)
	if err != nil {
		b.Skipf("SKIPPED: STALLWATCH_BENCH names no file")
	}
	b.SetBytes(info.Size())
	b.ReportAllocs()
	for b.Loop() {
		f, err := open(name)
		if err != nil {
			b.Fatal(err)
		}
		posts := 0
		for v, err := f.Next(); err != io.EOF; v, err = f.Next() {
			posts += len(f.Decode(v).Posts)
			v.Release()
		}
		f.Close()
		b.ReportMetric(float64(posts), "posts/op")
	}
}
