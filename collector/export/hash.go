package export

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"sync/atomic"
)

// fileHash is the SHA-256 of a file's bytes as stored. A file that is read from front to back is hashed as it goes by; one
// that is read here and there on a goroutine of its own, which reads it a second time.
type fileHash struct {
	h       hash.Hash
	done    chan struct{} // closed when the goroutine has ended; nil without one
	stopped atomic.Bool
	whole   bool
	err     error
}

func hashStream() *fileHash { return &fileHash{h: sha256.New()} }

func hashFile(name string) *fileHash {
	f := &fileHash{h: sha256.New(), done: make(chan struct{})}
	go func() {
		defer close(f.done)
		r, err := os.Open(name)
		if err != nil {
			f.err = err
			return
		}
		defer r.Close()
		_, f.err = io.CopyBuffer(f, struct{ io.Reader }{r}, make([]byte, 256<<10))
		f.whole = f.err == nil
	}()
	return f
}

var errStopped = errors.New("stopped")

// Write hashes what the file holds next.
func (f *fileHash) Write(p []byte) (int, error) {
	if f.stopped.Load() {
		return 0, errStopped
	}
	return f.h.Write(p)
}

func (f *fileHash) streamed() bool { return f.done == nil }

// end says that a stream is at its end, or what broke it before.
func (f *fileHash) end(err error) { f.whole, f.err = err == nil, err }

// wait returns when everything is hashed, and what went wrong.
func (f *fileHash) wait() error {
	if f.done != nil {
		<-f.done
	}
	return f.err
}

// stop ends hashing; there is no sum then unless it was complete.
func (f *fileHash) stop() {
	f.stopped.Store(true)
	f.wait()
}

// sum is the hash in hex, "" when not everything was read.
func (f *fileHash) sum() string {
	if f.wait(); !f.whole {
		return ""
	}
	return hex.EncodeToString(f.h.Sum(nil))
}
