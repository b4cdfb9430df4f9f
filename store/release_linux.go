package store

import (
	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"
)

// release gives back the memory that the pages read so far take up in this process: a pass over all posts would else hold the
// whole file resident. The pages stay in the system's cache; reading one again costs a minor fault. It is advice, so that what
// comes of it does not matter.
func (s *Store) release() {
	_ = s.view(func(tx *bbolt.Tx) error { // which keeps the mapping where it is
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, s.db.Info().Data, uintptr(tx.Size()), unix.MADV_DONTNEED)
		return nil
	})
}
