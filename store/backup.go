package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"go.etcd.io/bbolt"
)

// Backup writes a copy of the store to w as it is at one moment, while others read and write it, and returns the bytes
// written. The author key is not part of it.
func (s *Store) Backup(w io.Writer) (n int64, err error) {
	err = s.view(func(tx *bbolt.Tx) (err error) {
		n, err = tx.WriteTo(w)
		return err
	})
	return n, s.wrap("backup", err)
}

// BackupTo writes a copy of the store to a new file, with the author key beside it, syncs it, and opens and checks the
// copy before it gets its name. It is interrupted by the context. A file of that name is not overwritten.
func (s *Store) BackupTo(ctx context.Context, path string, progress Progress) (n int64, err error) {
	for _, name := range []string{path, path + ".key"} {
		if _, err := os.Lstat(name); err == nil {
			return 0, fmt.Errorf("%s is there already; a backup does not overwrite", name)
		}
	}
	key, err := os.ReadFile(s.path + ".key")
	if err != nil {
		return 0, fmt.Errorf("author key: %w", err)
	}
	tmp := path + ".partial"
	defer func() {
		if err != nil {
			for _, name := range []string{tmp, tmp + ".key", path + ".key"} {
				os.Remove(name)
			}
		}
	}()
	if n, err = s.copyTo(ctx, tmp, progress); err != nil {
		return n, err
	}
	if err := verifyCopy(ctx, tmp, progress); err != nil {
		return n, fmt.Errorf("the copy: %w", err)
	}
	if err := os.WriteFile(path+".key", key, 0o600); err != nil {
		return n, err
	}
	return n, replaceFile(tmp, path)
}

func (s *Store) copyTo(ctx context.Context, path string, progress Progress) (n int64, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	var size int64
	if info, err := os.Stat(s.path); err == nil {
		size = info.Size()
	}
	n, err = s.Backup(&countingWriter{ctx: ctx, w: f, total: size, progress: progress})
	return n, errors.Join(err, f.Sync(), f.Close())
}

// verifyCopy checks a copy as Check does.
func verifyCopy(ctx context.Context, path string, progress Progress) error {
	s, err := OpenUnverified(path)
	if err != nil {
		return err
	}
	defer s.Close()
	problems, err := s.Check(ctx, progress)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return fmt.Errorf("%w: %d problems, the first: %s", ErrDamaged, len(problems), problems[0])
	}
	return nil
}

// countingWriter tells how much has been written, and ends when the context does.
type countingWriter struct {
	ctx         context.Context
	w           io.Writer
	done, total int64
	progress    Progress
}

func (c *countingWriter) Write(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.w.Write(b)
	c.done += int64(n)
	c.progress.at(int(c.done), int(max(c.total, c.done)))
	return n, err
}
