package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// rebuild makes a new store beside an open one, lets fill write it, and puts it in the place of the old one, which stays
// under its name with the suffix keep. Until the last step the old file is as it was; the new one is removed after an error.
func rebuild(old *Store, making, keep string, fill func(*Store) error) (err error) {
	tmp := old.path + making
	if err := os.Remove(tmp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	into, err := createAside(tmp, old.path)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			into.db.Close()
			os.Remove(tmp)
		}
	}()
	if err := fill(into); err != nil {
		return err
	}
	if err := errors.Join(into.db.Sync(), into.db.Close()); err != nil {
		return err
	}
	if keep != "" {
		if err := keepAs(old.path, old.path+keep); err != nil {
			return err
		}
	}
	return replaceFile(tmp, old.path)
}

// createAside makes an empty store at tmp with the author key of the store at path. What it writes is synced by the caller.
func createAside(tmp, path string) (*Store, error) {
	key, err := authorKey(path + ".key")
	if err != nil {
		return nil, err
	}
	db, err := bbolt.Open(tmp, 0o600, &bbolt.Options{Timeout: lockWait, NoSync: true, FreelistType: bbolt.FreelistMapType, InitialMmapSize: mapSize(0)})
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, path: tmp, authors: newAuthorHasher(key)}
	if err := s.update(createSchema); err != nil {
		db.Close()
		return nil, err
	}
	return s, nil
}

// keepAs gives a file a second name, which must be free.
func keepAs(path, kept string) error {
	if _, err := os.Lstat(kept); err == nil {
		return fmt.Errorf("%s is in the way: move it elsewhere first", kept)
	}
	return os.Link(path, kept)
}

// replaceFile renames a file over another for good: afterwards the name leads to one or the other, never to none.
func replaceFile(tmp, path string) error {
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
