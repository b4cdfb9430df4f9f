package store

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// schemaVersion is the schema this package writes. Older ones are migrated, newer ones refused.
const schemaVersion = 1

var (
	metaBucket   = []byte("meta")
	postsBucket  = []byte("posts")
	idsBucket    = []byte("ids")
	ledgerBucket = []byte("ledger")
	thesesBucket = []byte("theses")

	verdictsBucket = []byte("verdicts")
	talliesBucket  = []byte("tallies")
)

// ErrInUse is wrapped by Open when another process has the store open in a way that excludes this one.
var ErrInUse = errors.New("store is in use")

// ErrNoStore is wrapped by Open when a store is to be read that does not exist.
var ErrNoStore = errors.New("no store")

// ErrNewer is wrapped by Open when the file was written by a later Stallwatch.
var ErrNewer = errors.New("store is of a newer version")

// Store is an open store. Its methods are safe for concurrent use.
type Store struct {
	db    *bbolt.DB
	path  string
	key   []byte // HMAC key for authors; nil when read-only
	owner bool   // wrote the owner file
}

// lockWait is how long Open waits for another process that is about to finish.
const lockWait = 2 * time.Second

// Open opens a store to write, and creates it where there is none.
func Open(path string) (*Store, error) { return open(path, false) }

// OpenReadOnly opens an existing store to read, beside other readers.
func OpenReadOnly(path string) (*Store, error) { return open(path, true) }

func open(path string, readOnly bool) (s *Store, err error) {
	if readOnly {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
			return nil, fmt.Errorf("%w at %s", ErrNoStore, path)
		}
	}
	defer func() { // bbolt panics on some damaged files
		if r := recover(); r != nil {
			s, err = nil, fmt.Errorf("store %s: damaged: %v", path, r)
		}
	}()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait, ReadOnly: readOnly, FreelistType: bbolt.FreelistMapType})
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, fmt.Errorf("%w: %s%s", ErrInUse, path, describeOwner(path))
	}
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", path, err)
	}
	s = &Store{db: db, path: path}
	if err := s.prepare(readOnly); err != nil {
		db.Close()
		return nil, fmt.Errorf("store %s: %w", path, err)
	}
	return s, nil
}

func (s *Store) prepare(readOnly bool) error {
	if readOnly {
		return s.db.View(func(tx *bbolt.Tx) error { return checkSchema(tx.Bucket(metaBucket)) })
	}
	err := s.db.Update(func(tx *bbolt.Tx) error {
		if meta := tx.Bucket(metaBucket); meta != nil {
			return checkSchema(meta)
		}
		for _, name := range [][]byte{metaBucket, postsBucket, idsBucket, ledgerBucket, thesesBucket} {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return tx.Bucket(metaBucket).Put([]byte("schema"), binary.BigEndian.AppendUint32(nil, schemaVersion))
	})
	if err != nil {
		return err
	}
	s.key, err = authorKey(s.path + ".key")
	return err
}

func checkSchema(meta *bbolt.Bucket) error {
	if meta == nil {
		return errors.New("not a Stallwatch store")
	}
	v := meta.Get([]byte("schema"))
	if len(v) != 4 {
		return errors.New("not a Stallwatch store: no schema version")
	}
	if n := binary.BigEndian.Uint32(v); n > schemaVersion {
		return fmt.Errorf("%w: schema %d, this program knows %d; use the Stallwatch that wrote it, or a later one", ErrNewer, n, schemaVersion)
	}
	return nil
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

func (s *Store) hashAuthor(platform, key string) (h authorHash) {
	if key == "" {
		return h
	}
	m := hmac.New(sha256.New, s.key)
	m.Write([]byte(platform + "\x00" + key))
	copy(h[:], m.Sum(nil))
	return h
}

// Close closes the store and takes back what Announce wrote.
func (s *Store) Close() error {
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
}

func ownerFile(path string) string { return path + ".lock" }

// Announce writes down who has the store open. It is a hint for people: the lock itself is bbolt's.
func (s *Store) Announce(o Owner) error {
	b, err := json.Marshal(o)
	if err != nil {
		return err
	}
	s.owner = true
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
