package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// storedCoding is a coding as it lies in the file; the key holds platform and id.
type storedCoding struct {
	Coder    string `cbor:"1,keyasint"`
	Label    string `cbor:"2,keyasint"`
	Codebook string `cbor:"3,keyasint,omitempty"`
	At       int64  `cbor:"4,keyasint"` // Unix ms
	Note     string `cbor:"5,keyasint,omitempty"`
}

// storedDraw is a draw as it lies in the file; the key holds sample, platform and id.
type storedDraw struct {
	P  float64 `cbor:"1,keyasint"`
	At int64   `cbor:"2,keyasint"` // Unix ms
}

// AddCodings commits what people said of posts, with the ledger entry, in one transaction. One that is there already, the
// same in every field, is a duplicate; any other is added to the history. Codings of posts that the store does not have
// are kept too.
func (r *Run) AddCodings(codings []Coding) error {
	return r.change(fmt.Sprintf("add %d codings", len(codings)), func(w *writer) error {
		for i := range codings {
			c := &codings[i]
			if err := errors.Join(checkRef(c.Platform, c.ID), needed("coder", c.Coder), needed("label", c.Label)); err != nil {
				return err
			}
			t, err := w.thesis(c.Thesis)
			if err != nil {
				return err
			}
			if err := w.addCoding(t, c, &r.Entry.Totals); err != nil {
				return err
			}
		}
		return nil
	})
}

func needed(what, value string) error {
	if value == "" {
		return errors.New("no " + what)
	}
	return nil
}

// addCoding keys a coding by platform, 00, id, 00 and its number among those of the post.
func (w *writer) addCoding(t *thesisWriter, c *Coding, n *Totals) error {
	prefix := append(idKey(c.Platform, c.ID), 0)
	now := storedCoding{c.Coder, c.Label, c.Codebook, c.At.UnixMilli(), c.Note}
	next := uint32(0)
	same := false
	err := each(t.codings, prefix, func(k, v []byte) error {
		var old storedCoding
		if err := decode(k, v, &old); err != nil {
			return err
		}
		same = same || old == now
		next = binary.BigEndian.Uint32(k[len(prefix):]) + 1
		return nil
	})
	if err != nil {
		return err
	}
	if same {
		n.Duplicate++
		return nil
	}
	key := binary.BigEndian.AppendUint32(prefix, next)
	raw, err := encode(key, now)
	if err != nil {
		return err
	}
	n.Stored++
	w.touched = true
	return t.codings.Put(key, raw)
}

func readCoding(thesis string, k, v []byte) (c Coding, err error) {
	var s storedCoding
	if err := decode(k, v, &s); err != nil {
		return c, err
	}
	if len(k) < 5 {
		return c, fmt.Errorf("%w: coding %q", ErrDamaged, k)
	}
	platform, id, err := splitID(k[:len(k)-5])
	return Coding{Platform: platform, ID: id, Thesis: thesis, Coder: s.Coder, Label: s.Label, Codebook: s.Codebook,
		At: time.UnixMilli(s.At).UTC(), Note: s.Note}, err
}

// Codings lists all codings on a thesis: post by post in the order of their names, of each post the oldest first.
func (s *Store) Codings(thesis string) (out []Coding, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		return each(thesisBucket(tx, thesis, codingsBucket), nil, func(k, v []byte) error {
			c, err := readCoding(thesis, k, v)
			out = append(out, c)
			return err
		})
	})
	return out, s.wrap("codings", err)
}

// codingsOf are the codings of one post.
func (rd *reader) codingsOf(id []byte) (out []Coding, err error) {
	err = each(rd.codings, append(slices.Clone(id), 0), func(k, v []byte) error {
		c, err := readCoding(rd.thesis, k, v)
		out = append(out, c)
		return err
	})
	return out, err
}

// AddDraws commits posts drawn for audit samples, with the ledger entry, in one transaction. A post is drawn once a
// sample: the first draw stays, and the same again is a duplicate.
func (r *Run) AddDraws(draws []Draw) error {
	return r.change(fmt.Sprintf("add %d draws", len(draws)), func(w *writer) error {
		for i := range draws {
			d := &draws[i]
			if !(d.P > 0 && d.P <= 1) || math.IsNaN(d.P) {
				return fmt.Errorf("draw of %s:%s: probability %v", d.Platform, d.ID, d.P)
			}
			if err := errors.Join(checkRef(d.Platform, d.ID), needed("sample", noNUL(d.Sample))); err != nil {
				return err
			}
			t, err := w.thesis(d.Thesis)
			if err != nil {
				return err
			}
			key := append(append([]byte(noNUL(d.Sample)), 0), idKey(d.Platform, d.ID)...)
			if t.draws.Get(key) != nil {
				r.Entry.Totals.Duplicate++
				continue
			}
			raw, err := encode(key, storedDraw{d.P, d.At.UnixMilli()})
			if err != nil {
				return err
			}
			r.Entry.Totals.Stored++
			w.touched = true
			if err := t.draws.Put(key, raw); err != nil {
				return err
			}
		}
		return nil
	})
}

// Draws lists all draws on a thesis, sample by sample.
func (s *Store) Draws(thesis string) (out []Draw, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		return each(thesisBucket(tx, thesis, drawsBucket), nil, func(k, v []byte) error {
			d, err := readDraw(thesis, k, v)
			out = append(out, d)
			return err
		})
	})
	return out, s.wrap("draws", err)
}

func readDraw(thesis string, k, v []byte) (d Draw, err error) {
	var s storedDraw
	if err := decode(k, v, &s); err != nil {
		return d, err
	}
	sample, id, err := splitID(k)
	if err != nil {
		return d, err
	}
	platform, name, err := splitID([]byte(id))
	return Draw{Platform: platform, ID: name, Thesis: thesis, Sample: sample, P: s.P, At: time.UnixMilli(s.At).UTC()}, err
}
