package store

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
)

// TestLetGoStaysInTheMap: what is let go of is the store's own map and nothing behind it, also while the file is longer than
// its map. Beyond it lies other memory of the process: in a store of 5 GiB the heap did, and pages of it were lost.
func TestLetGoStaysInTheMap(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const longer = 6 << 30 // a hole: it takes no room
	if err := os.Truncate(path, longer); err != nil {
		t.Fatal(err)
	}
	err = s.db.View(func(tx *bbolt.Tx) error {
		addr, size := s.mapped(tx)
		from, to := mappingOf(t, path, uint64(addr))
		if end := uint64(addr) + uint64(size); size <= 0 || uint64(addr) < from || end > to || to-from >= longer {
			t.Errorf("%x to %x would be let go of, the map is %x to %x", addr, end, from, to)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// mappingOf is where the file is mapped around an address, as the kernel says.
func mappingOf(t *testing.T, path string, addr uint64) (from, to uint64) {
	f, err := os.Open("/proc/self/maps")
	if err != nil {
		t.Skipf("SKIPPED: without /proc it cannot be seen what is let go of: %v", err)
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if _, err := fmt.Sscanf(sc.Text(), "%x-%x", &from, &to); err == nil && from <= addr && addr < to && strings.HasSuffix(sc.Text(), path) {
			return from, to
		}
	}
	t.Fatalf("%s is not mapped at %x", path, addr)
	return 0, 0
}
