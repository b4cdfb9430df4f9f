//go:build !linux

package store

import "go.etcd.io/bbolt"

// release does nothing on systems whose map of the file is not known to be released safely.
func (s *Store) release() {}

// letGo does nothing there either.
func (s *Store) letGo(*bbolt.Tx) {}
