package store

import (
	"encoding/json"
	"os"

	"go.etcd.io/bbolt"
)

// Share lends the open store to another user of this process. Each user closes it; the last Close is the one that does.
func (s *Store) Share() *Store {
	s.users.Add(1)
	return s
}

// Path is the file's name as it was given to Open.
func (s *Store) Path() string { return s.path }

// SetState commits collectors' state alone, without an entry in the ledger: that money was set aside, when a source is
// visited next.
func (s *Store) SetState(state map[string][]byte) error {
	return s.wrap("set state", s.update(func(tx *bbolt.Tx) error {
		w := newWriter(s, tx)
		if err := w.setState(state); err != nil {
			return err
		}
		return w.flush()
	}))
}

// ReadOwner reads what the process that has the store open has written about itself.
func ReadOwner(path string) (o Owner, err error) {
	b, err := os.ReadFile(ownerFile(path))
	if err != nil {
		return o, err
	}
	return o, json.Unmarshal(b, &o)
}
