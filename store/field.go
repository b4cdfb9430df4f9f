package store

import (
	"encoding/binary"
	"fmt"
)

// Searches look at one or two fields of very many records. These functions find them without decoding the rest, which
// takes fifty times as long. They read what encoding.go writes: CBOR maps of definite length with small integers for keys.

// field is the value of a key in a CBOR map, encoded; nil when the map does not have it, or is not whole.
func field(raw []byte, key byte) []byte {
	pairs, raw, ok := head(raw, 5)
	if !ok {
		return nil
	}
	for ; pairs > 0; pairs-- {
		k, rest, ok := head(raw, 0)
		if !ok {
			return nil
		}
		after := skip(rest)
		if after == nil {
			return nil
		}
		if k == uint64(key) {
			return rest[:len(rest)-len(after)]
		}
		raw = after
	}
	return nil
}

// head reads the head of a data item of a major type: its number, or length, and what follows.
func head(raw []byte, major byte) (n uint64, rest []byte, ok bool) {
	if len(raw) == 0 || raw[0]>>5 != major {
		return 0, nil, false
	}
	return number(raw)
}

func number(raw []byte) (n uint64, rest []byte, ok bool) {
	low := raw[0] & 31
	if low < 24 {
		return uint64(low), raw[1:], true
	}
	if low > 27 {
		return 0, nil, false
	}
	size := 1 << (low - 24)
	if len(raw) < 1+size {
		return 0, nil, false
	}
	var b [8]byte
	copy(b[8-size:], raw[1:1+size])
	return binary.BigEndian.Uint64(b[:]), raw[1+size:], true
}

// skip is what follows the first data item; nil when that is not whole.
func skip(raw []byte) []byte {
	for items := uint64(1); items > 0; items-- {
		if len(raw) == 0 {
			return nil
		}
		major := raw[0] >> 5
		n, rest, ok := number(raw)
		if !ok {
			return nil
		}
		switch major {
		case 2, 3:
			if uint64(len(rest)) < n {
				return nil
			}
			rest = rest[n:]
		case 4, 5:
			if n > uint64(len(rest)) {
				return nil
			}
			items += n << (major - 4)
		}
		raw = rest
	}
	return raw[:len(raw):len(raw)]
}

// textIn is the string in an encoded value, "" when it is none: bytes of the mapped file, valid within the transaction.
func textIn(value []byte) []byte {
	n, rest, ok := head(value, 3)
	if !ok || uint64(len(rest)) < n {
		return nil
	}
	return rest[:n]
}

// textOf is the text of the post at key, copied.
func textOf(key, sealed []byte) (string, error) {
	raw, err := unseal(key, sealed)
	if err != nil {
		return "", fmt.Errorf("post: %w", err)
	}
	return string(textIn(field(raw, 1))), nil
}

// glance is what a search reads of a verdict.
type glance struct {
	stance    uint8
	abstained bool
	p         [4]uint16
}

// glanceAt reads the verdict at key without decoding it.
func glanceAt(key, sealed []byte) (g glance, err error) {
	raw, err := unseal(key, sealed)
	if err != nil {
		return g, err
	}
	stance, _, ok := head(field(raw, 1), 0)
	n, list, isList := head(field(raw, 2), 4)
	if !ok || !isList || n != uint64(len(g.p)) || stance >= uint64(len(g.p)) {
		return g, fmt.Errorf("%w: verdict at key %q", ErrDamaged, key)
	}
	g.stance = uint8(stance)
	for i := range g.p {
		if n, list, ok = head(list, 0); !ok {
			return g, fmt.Errorf("%w: verdict at key %q", ErrDamaged, key)
		}
		g.p[i] = uint16(n)
	}
	g.abstained = len(textIn(field(raw, 3))) > 0
	return g, nil
}
