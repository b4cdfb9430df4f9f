package store

import (
	"bytes"
	"math"
	"slices"
	"sync"

	"go.etcd.io/bbolt"

	"stallwatch/classify"
)

// peaks bound the probabilities of each hour's verdicts by stance, abstentions among them: searches by probability read
// only the hours that can hold what they look for. A bound is never too low. It may be too high, when the post that had it
// is gone or was judged anew, which costs one look in vain.
type peaks struct {
	hours []int32 // ascending
	p     [][classify.NumStances]uint16
}

// allPeaks are those of the theses that were searched by probability since the store was opened.
type allPeaks struct {
	mu       sync.RWMutex // guards what follows, and the peaks in it; held while they are loaded, so that no write is missed
	byThesis map[string]*peaks
}

// raise makes a bound at least p.
func (k *peaks) raise(hour int32, p *[classify.NumStances]uint16) {
	i := len(k.hours) - 1 // the usual place
	if i < 0 || k.hours[i] != hour {
		var ok bool
		if i, ok = slices.BinarySearch(k.hours, hour); !ok {
			k.hours, k.p = slices.Insert(k.hours, i, hour), slices.Insert(k.p, i, [classify.NumStances]uint16{})
		}
	}
	for s := range p {
		k.p[i][s] = max(k.p[i][s], p[s])
	}
}

// raisePeak notes the probability of a verdict that was counted, for committed.
func (t *thesisWriter) raisePeak(hour int32, v *storedVerdict) {
	if v.Stance < classify.NumStances {
		p := t.peaks[hour]
		p[v.Stance] = max(p[v.Stance], v.P[v.Stance])
		t.peaks[hour] = p
	}
}

// raisePeaks adds what a transaction has changed.
func (s *Store) raisePeaks(w *writer) {
	s.peaks.mu.Lock()
	defer s.peaks.mu.Unlock()
	for name, t := range w.theses {
		if k := s.peaks.byThesis[name]; k != nil {
			for hour, p := range t.peaks {
				k.raise(hour, &p)
			}
		}
	}
}

// hasPeaks reports whether the peaks of a thesis are in memory.
func (s *Store) hasPeaks(thesis string) bool {
	s.peaks.mu.RLock()
	defer s.peaks.mu.RUnlock()
	return s.peaks.byThesis[thesis] != nil
}

// withPeaks calls fn with the peaks of a thesis, which must not be kept or changed. The first time it reads all verdicts,
// some three million a second.
func (s *Store) withPeaks(thesis string, fn func(*peaks)) error {
	a := &s.peaks
	a.mu.RLock()
	if k := a.byThesis[thesis]; k != nil {
		defer a.mu.RUnlock()
		fn(k)
		return nil
	}
	a.mu.RUnlock()
	a.mu.Lock()
	defer a.mu.Unlock()
	k := a.byThesis[thesis]
	if k == nil {
		var err error
		if k, err = s.loadPeaks(thesis); err != nil {
			return err
		}
		if a.byThesis == nil {
			a.byThesis = map[string]*peaks{}
		}
		a.byThesis[thesis] = k
	}
	fn(k)
	return nil
}

// loadPeaks reads the verdicts of a thesis in transactions of bounded length. What is written meanwhile raisePeaks adds.
func (s *Store) loadPeaks(thesis string) (*peaks, error) {
	k, at := &peaks{}, []byte(nil)
	for done := false; !done; {
		err := s.view(func(tx *bbolt.Tx) error {
			verdicts := thesisBucket(tx, thesis, verdictsBucket)
			if verdicts == nil {
				done = true
				return nil
			}
			c := verdicts.Cursor()
			key, raw := c.Seek(at)
			for n := 0; n < releaseRows && len(key) >= 8; n++ {
				g, err := glanceAt(key, raw)
				if err != nil {
					return err
				}
				var p [classify.NumStances]uint16
				p[g.stance] = g.p[g.stance]
				k.raise(floorDiv64(getInt64(key), 3_600_000), &p)
				key, raw = c.Next()
			}
			at, done = bytes.Clone(key), len(key) < 8
			s.letGo(tx)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return k, nil
}

// hoursOver are the hours that may hold verdicts of the filter's stances with its MinP or more, ascending; never nil.
func (k *peaks) hoursOver(f *Filter) []int32 {
	hours := []int32{}
	for i, hour := range k.hours {
		for s, p := range k.p[i] {
			wanted := len(f.Stances) == 0 || f.Abstained || slices.Contains(f.Stances, classify.Stance(s))
			if wanted && float64(p)/math.MaxUint16 >= f.MinP {
				hours = append(hours, hour)
				break
			}
		}
	}
	return hours
}

// intersect are the hours in both lists, which ascend.
func intersect(a, b []int32) []int32 {
	out := a[:0]
	for _, h := range a {
		for len(b) > 0 && b[0] < h {
			b = b[1:]
		}
		if len(b) > 0 && b[0] == h {
			out = append(out, h)
		}
	}
	return out
}
