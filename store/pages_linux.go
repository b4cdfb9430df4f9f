package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// releaseEvery is how many bytes are written between two calls of release.
const releaseEvery = 8 << 20

// release lets go of the pages of the file that were looked at through its map. They stay in the system's cache, so that
// looking at them again costs a microsecond; but they no longer count as memory of this process, which would otherwise
// grow with the file while one is filled. It is called by the one writer, between two transactions, so that the map does
// not move.
func (s *Store) release() {
	stats := s.db.Stats()
	written := stats.TxStats.GetPageAlloc()
	if written-s.released < releaseEvery {
		return
	}
	s.released = written
	s.letGo()
}

// letGo is release whatever was written. The caller sees to it that the map does not move: it is the one writer, or within a transaction.
func (s *Store) letGo() {
	file, err := os.Stat(s.path)
	if err != nil || file.Size() < releaseEvery {
		return
	}
	// The map is shared and only read: nothing can be lost. An error means that the memory stays in use.
	unix.Syscall(unix.SYS_MADVISE, s.db.Info().Data, uintptr(file.Size()), unix.MADV_DONTNEED)
}
