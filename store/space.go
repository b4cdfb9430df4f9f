//go:build linux || darwin

package store

import "syscall"

// freeSpace is how many bytes a process may still write to the file system of a folder; ok is false where that is not known.
func freeSpace(dir string) (bytes int64, ok bool) {
	var st syscall.Statfs_t
	if syscall.Statfs(dir, &st) != nil {
		return 0, false
	}
	return int64(st.Bavail) * int64(st.Bsize), true
}
