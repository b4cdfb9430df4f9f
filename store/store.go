package store

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// ErrInUse is wrapped by Open when another process has the store open in a way that excludes this one.
var ErrInUse = errors.New("store is in use")

// ErrNoStore is wrapped by Open when a store is to be read that does not exist.
var ErrNoStore = errors.New("no store")

// ErrNewer is wrapped by Open when the file was written by a later Stallwatch.
var ErrNewer = errors.New("store is of a newer version")

// ErrOlder is wrapped by Open when the file must be migrated first.
var ErrOlder = errors.New("store is of an older version")

// ErrDamaged is wrapped by every error that comes of a file that is not as it was written.
var ErrDamaged = errors.New("damaged")

// Store is an open store. Its methods are safe for concurrent use.
type Store struct {
	db    *bbolt.DB
	path  string
	owner bool // wrote the owner file

	generation atomic.Uint64 // id of the last transaction that was committed

	counts   projections
	marks    allMarks
	released int64      // bytes written when release last let pages go; guarded by writing
	writing  sync.Mutex // held by the one writer, until what it changed is known in memory too; guards clusters and authors
	clusters clusters
	authors  authorHasher
	users    atomic.Int32 // beside the one who opened it; see Share
}

// lockWait is how long Open waits for another process that is about to finish.
const lockWait = 2 * time.Second

// Open opens a store to write, and creates it where there is none. It refuses one that is cut off, and one whose newest
// records are damaged: ErrDamaged. Older damage is found by Check, and by whoever reads the record.
func Open(path string) (*Store, error) { return open(path, false, true) }

// OpenReadOnly opens an existing store to read, beside other readers. Of damage it finds what Open does.
func OpenReadOnly(path string) (*Store, error) { return open(path, true, true) }

// OpenUnverified is OpenReadOnly for Check, which reads everything anyway: records may be damaged.
func OpenUnverified(path string) (*Store, error) { return open(path, true, false) }

func open(path string, readOnly, verified bool) (s *Store, err error) {
	if readOnly {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
			return nil, fmt.Errorf("%w at %s", ErrNoStore, path)
		}
	}
	db, err := openFile(path, readOnly)
	if err != nil {
		return nil, err
	}
	s = &Store{db: db, path: path}
	if err = s.prepare(readOnly); err == nil && verified {
		if err = s.view(verify); err != nil {
			err = fmt.Errorf("%w; 'stallwatch check' lists what is damaged, 'stallwatch check --repair' keeps what is whole", err)
		}
	}
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("store %s: %w", path, err)
	}
	return s, nil
}

// openFile opens the bbolt file, whatever is in it.
func openFile(path string, readOnly bool) (db *bbolt.DB, err error) {
	size, err := checkSize(path)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", path, err)
	}
	err = guard(func() (err error) {
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait, ReadOnly: readOnly, FreelistType: bbolt.FreelistMapType,
			InitialMmapSize: mapSize(size)})
		return err
	})
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, fmt.Errorf("%w: %s%s", ErrInUse, path, describeOwner(path))
	}
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", path, err)
	}
	return db, nil
}

// mapSize is how much address space to map for a file of so many bytes. A map with room to grow spares a writer from
// waiting for the readers whenever the file outgrows it. It costs no memory; 32-bit machines have none to spare.
func mapSize(size int64) int {
	if strconv.IntSize == 32 {
		return 0
	}
	return int(max(4*size, 4<<30))
}

// growStep is by how much a file of so many bytes grows when it must: bbolt syncs it each time, and its own step of 16 MB
// is much for a small store and little for a large one.
func growStep(size int64) int {
	return int(min(max(size/8, 128<<10), 64<<20))
}

func (s *Store) prepare(readOnly bool) error {
	err := s.view(func(tx *bbolt.Tx) error {
		s.generation.Store(uint64(tx.ID()))
		return checkSchema(tx)
	})
	if errors.Is(err, errEmpty) {
		if readOnly {
			return errNotOurs
		}
		err = s.update(createSchema)
	}
	if err == nil && !readOnly {
		var key []byte
		if key, err = authorKey(s.path + ".key"); err == nil {
			s.authors = newAuthorHasher(key)
		}
	}
	return err
}

// view and update run fn in a transaction. What bbolt makes of a damaged file (it panics, or reads past the end of its
// map) comes back as an error.
func (s *Store) view(fn func(*bbolt.Tx) error) error {
	return guard(func() error { return s.db.View(fn) })
}

func (s *Store) update(fn func(*bbolt.Tx) error) error {
	return guard(func() error {
		return s.db.Update(func(tx *bbolt.Tx) error {
			s.db.AllocSize = growStep(tx.Size()) // bbolt reads it when this transaction commits
			id := uint64(tx.ID())                // not known any more once it is committed
			tx.OnCommit(func() { s.generation.Store(id) })
			return fn(tx)
		})
	})
}

// write runs work in a transaction and commits what it has changed; errUnchanged when it has changed nothing.
func (s *Store) write(work func(*writer) error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	var w *writer
	err := s.update(func(tx *bbolt.Tx) error {
		w = newWriter(s, tx)
		if err := work(w); err != nil {
			return err
		}
		if !w.changed() {
			return errUnchanged
		}
		return w.flush()
	})
	if err == nil {
		s.committed(w)
		s.release()
	} else if w != nil {
		w.forgetHeads()
	}
	return err
}

func guard(work func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, r)
		}
	}()
	return work()
}

func (s *Store) wrap(what string, err error) error {
	if err != nil {
		return fmt.Errorf("store %s: %s: %w", s.path, what, err)
	}
	return nil
}

// Generation changes with every write to the store: a version for caches of what was read. No other process writes to a store that is
// open.
func (s *Store) Generation() uint64 { return s.generation.Load() }

// Theses lists the theses on which the store has verdicts.
func (s *Store) Theses() (names []string, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		names = thesisNames(tx)
		return nil
	})
	return names, s.wrap("theses", err)
}

// authorKey reads the project's key, and makes one where there is none.
func authorKey(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		b = hex.AppendEncode(nil, randomBytes(32))
		err = os.WriteFile(path, append(b, '\n'), 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("author key: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(key) < 16 {
		return nil, fmt.Errorf("author key %s: not a hexadecimal key of 16 bytes or more", path)
	}
	return key, nil
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails since Go 1.24
	return b
}

// authorHash is the keyed hash of an author; the zero hash stands for an unknown one.
type authorHash [16]byte

// authorHasher makes authorHashes. It is for one goroutine.
type authorHasher struct {
	mac     hash.Hash
	scratch []byte
}

func newAuthorHasher(key []byte) authorHasher { return authorHasher{mac: hmac.New(sha256.New, key)} }

func (a *authorHasher) hash(platform, key string) (h authorHash) {
	if key == "" {
		return h
	}
	a.scratch = append(append(append(a.scratch[:0], platform...), 0), key...)
	a.mac.Reset()
	a.mac.Write(a.scratch)
	a.scratch = a.mac.Sum(a.scratch[:0])
	copy(h[:], a.scratch)
	return h
}

// Close closes the store and takes back what Announce wrote.
func (s *Store) Close() error {
	if s.users.Add(-1) >= 0 {
		return nil
	}
	if s.owner {
		os.Remove(ownerFile(s.path))
	}
	return s.db.Close()
}

// Owner says who has a store open; it is written beside the store for whoever finds it locked.
type Owner struct {
	PID     int       `json:"pid"`
	Command string    `json:"command"`           // e.g. "stallwatch serve"
	Address string    `json:"address,omitempty"` // URL of the page, where there is one
	Since   time.Time `json:"since"`
	Control string    `json:"control,omitempty"` // URL at which it runs commands for others
	Token   string    `json:"token,omitempty"`   // that they must show there
}

func ownerFile(path string) string { return path + ".lock" }

// Announce writes down who has the store open. It is a hint for people: the lock itself is bbolt's.
func (s *Store) Announce(o Owner) error {
	b, err := json.Marshal(o)
	if err != nil {
		return err
	}
	s.owner = true
	os.Remove(ownerFile(s.path)) // an old one may have been made readable
	return os.WriteFile(ownerFile(s.path), b, 0o600)
}

func describeOwner(path string) string {
	var o Owner
	b, err := os.ReadFile(ownerFile(path))
	if err != nil || json.Unmarshal(b, &o) != nil {
		return ": another process has it open; wait for it or stop it, or name another store with --db"
	}
	at := ""
	if o.Address != "" {
		at = " at " + o.Address
	}
	return fmt.Sprintf(": `%s` (process %d, since %s)%s has it open; wait for it or stop it (kill %d), or name another store with --db",
		o.Command, o.PID, o.Since.Format("2006-01-02 15:04 UTC"), at, o.PID)
}
