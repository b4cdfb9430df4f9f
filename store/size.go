package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
)

// checkSize compares a file's size with what its newest valid meta page says, before bbolt maps it: reading past the end
// of a mapped file kills the process. It returns the size. The layout is that of bbolt's file format, version 2
// (internal/common/page.go and meta.go of v1.5.0): page header of 16 bytes, then magic, version, page size, flags (4 bytes
// each), root (16), freelist, high-water mark, transaction, checksum (8 each), in the byte order of the machine.
func checkSize(path string) (int64, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return 0, err
	}
	if info.IsDir() {
		return 0, errors.New("is a folder")
	}
	head := make([]byte, 2*maxPageSize)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, err
	}
	metas := metaPages(head[:n])
	if len(metas) == 0 {
		return 0, errNotOurs
	}
	newest := metaPage{}
	for _, m := range metas {
		if m.valid && (!newest.valid || m.tx > newest.tx) {
			newest = m
		}
	}
	switch {
	case !newest.valid:
		return 0, fmt.Errorf("%w: neither of its two meta pages is whole", ErrDamaged)
	case info.Size() < newest.need:
		return 0, fmt.Errorf("%w: the file has %d bytes, its last transaction needs %d: the end is missing", ErrDamaged, info.Size(), newest.need)
	}
	return info.Size(), nil
}

const (
	boltMagic   = 0xED0CDAED
	maxPageSize = 1 << 16
	metaStart   = 16
	metaLength  = 64
)

// metaPage is what one of a file's two meta pages says.
type metaPage struct {
	pageSize, need int64 // need: bytes that the transaction needs
	root, tx       uint64
	valid          bool // it has its checksum
}

// metaPages reads the meta pages at the head of a file, also those that fail their checksum; none when it is no bbolt file.
func metaPages(head []byte) (out []metaPage) {
	look := func(at int) {
		if at+metaStart+metaLength > len(head) {
			return
		}
		m := head[at+metaStart : at+metaStart+metaLength]
		p := metaPage{pageSize: int64(binary.NativeEndian.Uint32(m[8:])), root: binary.NativeEndian.Uint64(m[16:]), tx: binary.NativeEndian.Uint64(m[48:])}
		if binary.NativeEndian.Uint32(m) != boltMagic || p.pageSize < 512 || p.pageSize > maxPageSize {
			return
		}
		h := fnv.New64a()
		h.Write(m[:metaLength-8])
		p.valid = h.Sum64() == binary.NativeEndian.Uint64(m[metaLength-8:])
		p.need = int64(binary.NativeEndian.Uint64(m[40:])) * p.pageSize
		out = append(out, p)
	}
	look(0)
	for size := 1024; size <= maxPageSize; size *= 2 {
		look(size)
	}
	return out
}
