package main

import (
	"os"
	"runtime/debug"
)

// What a process holds of a large store has no pointers (see package store): collecting it costs next to nothing, and letting
// as much again pile up beside it, as Go does by itself, hundreds of megabytes. So the heap may grow by a tenth of what
// is alive before it is collected, and of a ballast, which is never touched and takes no memory: by 35 MB at least, or a
// small process would collect all the time.
const (
	growPercent  = 9
	ballastBytes = 384 << 20
)

// boundMemory says when to collect, unless the environment does. The ballast is the caller's to keep.
func boundMemory() (ballast []byte) {
	if os.Getenv("GOGC") == "" {
		ballast = make([]byte, ballastBytes)
		debug.SetGCPercent(growPercent)
	}
	return ballast
}
