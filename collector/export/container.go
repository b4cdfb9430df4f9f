package export

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"stallwatch/collector/xarchive"
)

// What a container may do. A file that unpacks to more than freeOutput may not grow beyond maxRatio times its size:
// deflate cannot exceed 1,032, real posts stay below 100.
const (
	maxDepth   = 6       // containers in containers: zip > tar > gz is 3
	maxSpool   = 8 << 30 // bytes of a zip that must be put on disk because it came through a stream
	freeOutput = 1 << 30
	maxRatio   = 1000
	maxWindow  = 2 << 30 // of zstd: Pushshift's dumps need all of it
)

var (
	errDepth = errors.New("too many containers inside each other")
	errGrows = fmt.Errorf("unpacks to more than %d times its size: refused as a decompression bomb", maxRatio)
	errSpool = fmt.Errorf("a zip or Parquet file of more than %d GiB inside another container: unpack it first", maxSpool>>30)
)

// walker unpacks one file and hands its values to yield, in order. Every method returns false once yield has.
type walker struct {
	file  *File
	yield func(Value) bool
	out   int64 // bytes unpacked so far, over all layers
	left  []string

	sheets bool // inside a workbook

	dir  fs.FS  // the folder or zip that the member at hand lies in, nil when it came out of a stream
	base string // its name there
}

// sniff names the container or the foreign format that head begins, "" for text.
func sniff(head []byte) string {
	for _, m := range magic {
		if bytes.HasPrefix(head, []byte(m.bytes)) {
			return m.name
		}
	}
	if isSkippable(head) {
		return "zst"
	}
	if len(head) > 262 && string(head[257:262]) == "ustar" {
		return "tar"
	}
	if len(head) > 11 && string(head[4:8]) == "ftyp" {
		return "mp4"
	}
	return ""
}

// isSkippable tells whether head begins with a zstd skippable frame, which pzstd and seekable files put first.
func isSkippable(head []byte) bool {
	return len(head) > 12 && head[0]&0xf0 == 0x50 && string(head[1:4]) == "\x2a\x4d\x18"
}

// stream reads one member, or the whole file, from a stream.
func (w *walker) stream(r io.Reader, member string, depth int) bool {
	br := bufio.NewReaderSize(r, 64<<10)
	head, err := br.Peek(512)
	if err != nil && err != io.EOF {
		return w.fail(member, 0, fmt.Errorf("cannot be read: %w", err))
	}
	kind := sniff(head)
	if kind == "" {
		return w.text(br, member)
	}
	if depth >= maxDepth {
		return w.fail(member, 0, errDepth)
	}
	switch kind {
	case "zip":
		return w.spoolZip(br, member, depth)
	case "tar":
		return w.tar(br, member, depth)
	case "parquet":
		return w.spoolParquet(br, member)
	case "gz", "bz2", "zst", "xz":
		return w.unpack(kind, br, member, depth)
	}
	return w.foreign(kind, member)
}

func (w *walker) leaveOut(member, kind string) {
	if member == "" {
		member = w.file.name
	}
	w.left = append(w.left, fmt.Sprintf("%s (%s)", member, kind))
}

func (w *walker) unpack(kind string, r io.Reader, member string, depth int) bool {
	u, err := unpacker(kind, r)
	if err != nil {
		return w.fail(member, 0, fmt.Errorf("%s: %w", kind, err))
	}
	defer u.Close()
	return w.stream(&metered{u, w, kind}, member, depth+1)
}

func unpacker(kind string, r io.Reader) (io.ReadCloser, error) {
	switch kind {
	case "gz":
		return gzip.NewReader(r)
	case "zst":
		d, err := zstd.NewReader(r, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	case "xz":
		x, err := xz.NewReader(r)
		if err != nil {
			return nil, err
		}
		return io.NopCloser(x), nil
	}
	return io.NopCloser(bzip2.NewReader(r)), nil
}

// metered counts what a layer unpacks to, stops bombs, and names the layer in its errors.
type metered struct {
	r    io.Reader
	w    *walker
	kind string
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if m.w.grows(n) {
		return n, errGrows
	}
	if err != nil && err != io.EOF {
		err = fmt.Errorf("%s: damaged or cut: %w", m.kind, err)
	}
	return n, err
}

// grows counts n more bytes, and tells whether they are too many.
func (w *walker) grows(n int) bool {
	w.out += int64(n)
	in := w.file.BytesRead()
	if size := w.file.Size(); size > 0 {
		in = min(in, size)
	}
	return w.out > freeOutput && w.out-freeOutput > maxRatio*in
}

func (w *walker) tar(r io.Reader, member string, depth int) bool {
	t := tar.NewReader(r)
	w.dir = nil
	for {
		h, err := t.Next()
		if err == io.EOF {
			return true
		}
		if err != nil {
			return w.fail(member, 0, fmt.Errorf("tar: damaged or cut: %w", err))
		}
		if h.Typeflag != tar.TypeReg || junk(h.Name) {
			continue
		}
		if !w.stream(t, path.Join(member, h.Name), depth+1) {
			return false
		}
	}
}

// spoolZip puts a zip that arrives in a stream on disk, because a zip's directory is at its end.
func (w *walker) spoolZip(r io.Reader, member string, depth int) bool {
	tmp, n, err := spool(r, "stallwatch-*.zip")
	if err != nil {
		return w.fail(member, 0, err)
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	return w.zip(tmp, n, member, depth)
}

// spool puts what can be read only once on disk. The caller closes and removes the file.
func spool(r io.Reader, pattern string) (tmp *os.File, n int64, err error) {
	if tmp, err = os.CreateTemp("", pattern); err != nil {
		return nil, 0, err
	}
	n, err = io.Copy(tmp, io.LimitReader(r, maxSpool+1))
	if err == nil && n > maxSpool {
		err = errSpool
	}
	if err != nil {
		tmp.Close()
		os.Remove(tmp.Name())
	}
	return tmp, n, err
}

func (w *walker) zip(r io.ReaderAt, size int64, member string, depth int) bool {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return w.fail(member, 0, fmt.Errorf("zip: damaged or cut: %w", err))
	}
	if more, ok := w.spreadsheet(z, member); ok {
		return more
	}
	if kind := document(z); kind != "" {
		return w.foreign(kind, member)
	}
	reads := w.archiveRule(z)
	for _, f := range z.File {
		if f.FileInfo().IsDir() || junk(f.Name) || !reads(f.Name) {
			continue
		}
		w.dir, w.base = z, f.Name
		if !w.zipMember(f, path.Join(member, f.Name), depth) {
			return false
		}
	}
	return true
}

// archiveRule tells which files of a zip may be opened: all, or in the archive of an X account only those with posts.
// The others are messages, contacts and advertising data.
func (w *walker) archiveRule(z *zip.Reader) func(name string) bool {
	names := make([]string, len(z.File))
	for i, f := range z.File {
		names[i] = f.Name
	}
	dir, ok := xarchive.Dir(names)
	if !ok {
		return func(string) bool { return true }
	}
	w.file.warn("this is the archive of an X account: only its files with posts are opened; messages, contacts and all else are left alone")
	return func(name string) bool { return path.Dir(name) == dir && xarchive.Reads(name) }
}

func (w *walker) zipMember(f *zip.File, member string, depth int) bool {
	if f.Flags&1 != 0 {
		return w.fail(member, 0, errors.New("zip: encrypted: unpack it with its password first"))
	}
	r, err := f.Open()
	if err != nil {
		return w.fail(member, 0, fmt.Errorf("zip: %w", err))
	}
	defer r.Close()
	return w.stream(&metered{r, w, "zip"}, member, depth+1)
}

// junk are the files that desktop systems add to archives.
func junk(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(base, "._") || base == ".DS_Store" || base == "Thumbs.db" ||
		base == "desktop.ini"
}

// fail hands on what could not be read as one failed item.
func (w *walker) fail(member string, line int, err error) bool {
	return w.yield(Value{Member: member, Line: line, Err: err})
}
