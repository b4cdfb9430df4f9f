package store

import (
	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"
)

// releaseEvery is how many bytes are written between two calls of release.
const releaseEvery = 8 << 20

// release lets go of the pages of the file that were looked at through its map. They stay in the system's cache, so that
// looking at them again costs a microsecond; but they no longer count as memory of this process, which would otherwise
// grow with the file while one is filled. It is called by the one writer, between two transactions.
func (s *Store) release() {
	stats := s.db.Stats()
	written := stats.TxStats.GetPageAlloc()
	if written-s.released < releaseEvery {
		return
	}
	s.released = written
	_ = s.db.View(func(tx *bbolt.Tx) error { s.letGo(tx); return nil })
}

// letGo is release whatever was written. While the transaction lasts the map does not move.
func (s *Store) letGo(tx *bbolt.Tx) {
	if addr, size := s.mapped(tx); size >= releaseEvery {
		// The map is shared and only read: nothing can be lost. An error means that the memory stays in use.
		unix.Syscall(unix.SYS_MADVISE, addr, uintptr(size), unix.MADV_DONTNEED)
	}
}

// mapped is the part of the map that the transaction knows. The file can be longer than its map: bbolt lets it grow by 16 MiB beyond what
// is needed before it maps more. What lies behind the map is other memory of this process.
func (s *Store) mapped(tx *bbolt.Tx) (addr uintptr, size int64) {
	return s.db.Info().Data, tx.Size()
}
