package store_test

import "syscall"

// mountSmall mounts a file system of one megabyte, which only the superuser may.
func mountSmall(dir string) error { return syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m") }
