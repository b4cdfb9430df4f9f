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
	need, found, ours := neededSize(head[:n])
	switch {
	case !ours:
		return 0, errNotOurs
	case !found:
		return 0, fmt.Errorf("%w: neither of its two meta pages is whole", ErrDamaged)
	case info.Size() < need:
		return 0, fmt.Errorf("%w: the file has %d bytes, its last transaction needs %d: the end is missing", ErrDamaged, info.Size(), need)
	}
	return info.Size(), nil
}

const (
	boltMagic   = 0xED0CDAED
	maxPageSize = 1 << 16
	metaStart   = 16
	metaLength  = 64
)

// neededSize reads the meta pages at the head of a file. found: one is valid; ours: it is a bbolt file, perhaps damaged.
func neededSize(head []byte) (need int64, found, ours bool) {
	var newest uint64
	look := func(at int) {
		if at+metaStart+metaLength > len(head) {
			return
		}
		m := head[at+metaStart : at+metaStart+metaLength]
		if binary.NativeEndian.Uint32(m) != boltMagic {
			return
		}
		ours = true
		h := fnv.New64a()
		h.Write(m[:metaLength-8])
		if h.Sum64() != binary.NativeEndian.Uint64(m[metaLength-8:]) {
			return
		}
		if tx := binary.NativeEndian.Uint64(m[48:]); !found || tx > newest {
			found, newest = true, tx
			need = int64(binary.NativeEndian.Uint64(m[40:])) * int64(binary.NativeEndian.Uint32(m[8:]))
		}
	}
	look(0)
	for size := 1024; size <= maxPageSize; size *= 2 {
		look(size)
	}
	return need, found, ours
}
