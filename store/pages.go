package store

import (
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"os"
)

// pageFile reads the pages of a bbolt file by itself, without mapping it and whatever is broken in it: a page that is
// missing or makes no sense costs what it leads to and nothing else. Layout as in checkSize; a page begins with number (8),
// flags, count (2 each) and overflow (4), and goes on with its elements: of branches offset, key size (4 each) and page (8),
// of leaves flags, offset, key size and value size (4 each), the offset counted from the element.
type pageFile struct {
	f        *os.File
	size     int64
	pageSize int64
	root     uint64
	report   func(format string, args ...any)
}

const (
	branchPage   = 0x01
	leafPage     = 0x02
	bucketLeaf   = 0x01
	pageHeader   = 16
	pageElement  = 16
	largestValue = 1 << 30
)

// openPages opens a file that may be damaged. Of the two meta pages it takes the newer valid one; where neither is valid,
// one that looks like one.
func openPages(path string, report func(string, ...any)) (*pageFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	head := make([]byte, 2*maxPageSize)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.ErrUnexpectedEOF {
		f.Close()
		return nil, fmt.Errorf("%w: %v", ErrDamaged, err)
	}
	p := &pageFile{f: f, size: info.Size(), report: report}
	var best metaPage
	for _, m := range metaPages(head[:n]) {
		switch {
		case best.pageSize == 0, m.valid && !best.valid, m.valid == best.valid && m.tx > best.tx:
			best = m
		}
	}
	if best.pageSize == 0 {
		f.Close()
		return nil, errNotOurs
	}
	if !best.valid {
		report("neither of the two meta pages is whole; going by one that fails its checksum")
	} else if best.need > p.size {
		report("the file has %d bytes, its last transaction needs %d: the end is missing", p.size, best.need)
	}
	p.pageSize, p.root = best.pageSize, best.root
	return p, nil
}

// page reads a page with what overflows from it.
func (p *pageFile) page(n uint64) ([]byte, error) {
	if n < 2 || n > uint64(p.size/p.pageSize) {
		return nil, fmt.Errorf("page %d is not in the file", n)
	}
	b := make([]byte, p.pageSize)
	if _, err := p.f.ReadAt(b, int64(n)*p.pageSize); err != nil {
		return nil, fmt.Errorf("page %d: %v", n, err)
	}
	if id := binary.NativeEndian.Uint64(b); id != n {
		return nil, fmt.Errorf("page %d says that it is page %d", n, id)
	}
	more := int64(binary.NativeEndian.Uint32(b[12:])) * p.pageSize
	if more > largestValue {
		return nil, fmt.Errorf("page %d overflows by %d bytes", n, more)
	}
	if more == 0 {
		return b, nil
	}
	b = append(b, make([]byte, more)...)
	if _, err := p.f.ReadAt(b[p.pageSize:], (int64(n)+1)*p.pageSize); err != nil {
		return nil, fmt.Errorf("page %d: %v", n, err)
	}
	return b, nil
}

// bucketAt is a bucket: its first page, or, of a small one, that page itself.
type bucketAt struct {
	root   uint64
	inline []byte
	next   uint64 // sequence
}

func (p *pageFile) top() bucketAt { return bucketAt{root: p.root} }

// entry is one key of a bucket.
type entry struct {
	key, value []byte
	bucket     bool
}

// entries are what can be read of a bucket, in order.
func (p *pageFile) entries(b bucketAt) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		if b.root == 0 {
			p.leaf(b.inline, "a small bucket", yield)
			return
		}
		p.tree(b.root, map[uint64]bool{}, yield)
	}
}

// tree yields what is below a page. A page is read once: damaged branches may lead in circles.
func (p *pageFile) tree(n uint64, seen map[uint64]bool, yield func(entry) bool) bool {
	if seen[n] {
		p.report("page %d is used twice", n)
		return true
	}
	seen[n] = true
	b, err := p.page(n)
	if err != nil {
		p.report("%v", err)
		return true
	}
	name := fmt.Sprintf("page %d", n)
	switch flags := binary.NativeEndian.Uint16(b[8:]); {
	case flags == leafPage:
		return p.leaf(b, name, yield)
	case flags != branchPage:
		p.report("%s is neither branch nor leaf", name)
		return true
	}
	count := int(binary.NativeEndian.Uint16(b[10:]))
	for i := range count {
		at := pageHeader + i*pageElement
		if at+pageElement > len(b) {
			p.report("%s ends before its %d elements", name, count)
			return true
		}
		if !p.tree(binary.NativeEndian.Uint64(b[at+8:]), seen, yield) {
			return false
		}
	}
	return true
}

func (p *pageFile) leaf(b []byte, name string, yield func(entry) bool) bool {
	if len(b) < pageHeader {
		p.report("%s is cut", name)
		return true
	}
	count := int(binary.NativeEndian.Uint16(b[10:]))
	for i := range count {
		at := pageHeader + i*pageElement
		if at+pageElement > len(b) {
			p.report("%s ends before its %d elements", name, count)
			return true
		}
		e := b[at:]
		key := int64(at) + int64(binary.NativeEndian.Uint32(e[4:]))
		value := key + int64(binary.NativeEndian.Uint32(e[8:]))
		end := value + int64(binary.NativeEndian.Uint32(e[12:]))
		if end > int64(len(b)) {
			p.report("%s: element %d reaches past its end", name, i)
			continue
		}
		if !yield(entry{b[key:value:value], b[value:end:end], binary.NativeEndian.Uint32(e)&bucketLeaf != 0}) {
			return false
		}
	}
	return true
}

// bucket finds a bucket within another.
func (p *pageFile) bucket(in bucketAt, name []byte) (b bucketAt, ok bool) {
	for e := range p.entries(in) {
		if e.bucket && string(e.key) == string(name) {
			return readBucket(e.value)
		}
	}
	return b, false
}

func readBucket(value []byte) (b bucketAt, ok bool) {
	if len(value) < 16 {
		return b, false
	}
	b = bucketAt{root: binary.NativeEndian.Uint64(value), next: binary.NativeEndian.Uint64(value[8:])}
	if b.root == 0 {
		b.inline = value[16:]
	}
	return b, true
}

func (p *pageFile) close() { p.f.Close() }
