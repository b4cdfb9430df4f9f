package store

import (
	"bytes"
	"cmp"
	"math"
	"runtime"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"go.etcd.io/bbolt"

	"stallwatch/classify"
)

// allMarks are those of the theses that were searched since the store was opened.
type allMarks struct {
	mu       sync.RWMutex // guards what follows, and the marks in it; held while they are loaded, so that no write is missed
	byThesis map[string]*marks
}

// hasMarks reports whether the marks of a thesis are in memory.
func (s *Store) hasMarks(thesis string) bool {
	s.marks.mu.RLock()
	defer s.marks.mu.RUnlock()
	return s.marks.byThesis[thesis] != nil
}

// Prepare makes the marks of a thesis, which searches for what is rare need, before one asks. They take eight bytes a post.
func (s *Store) Prepare(thesis string) error {
	return s.wrap("posts", s.withMarks(thesis, func(*marks) {}))
}

// withMarks calls fn with the marks of a thesis, which must not be kept or changed. The first time it reads all posts and
// verdicts, some two million a second on two processors.
func (s *Store) withMarks(thesis string, fn func(*marks)) error {
	a := &s.marks
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
		if k, err = s.loadMarks(thesis); err != nil {
			return err
		}
		if a.byThesis == nil {
			a.byThesis = map[string]*marks{}
		}
		a.byThesis[thesis] = k
	}
	fn(k)
	return nil
}

// markLoader reads the marks of a thesis as of one transaction, in parts of equal time, which whoever is free takes next.
type markLoader struct {
	store  *Store
	thesis string
	first  int32 // hour
	width  int32 // of a part, in hours
	parts  [][]hourMarks
	next   atomic.Int32

	mu    sync.Mutex // guards numbering facets
	marks *marks
}

const markParts = 64

func (s *Store) loadMarks(thesis string) (*marks, error) {
	l := &markLoader{store: s, thesis: thesis}
	var others sync.WaitGroup
	errs := make([]error, runtime.GOMAXPROCS(0))
	errs[0] = s.view(func(tx *bbolt.Tx) error {
		l.marks = newMarks(tx.ID())
		verdicts := thesisBucket(tx, thesis, verdictsBucket)
		if verdicts == nil {
			return nil
		}
		first, _ := verdicts.Cursor().First()
		last, _ := verdicts.Cursor().Last()
		if len(first) < 8 || len(last) < 8 {
			return nil
		}
		l.first = hourOfKey(first)
		l.width = (hourOfKey(last)-l.first)/markParts + 1
		l.parts = make([][]hourMarks, markParts)
		for i := range errs[1:] {
			// They must not wait for this transaction nor it for them: where a writer waits to map more of the file they
			// begin when this one has ended, and find nothing left.
			others.Go(func() {
				errs[i+1] = s.view(func(tx *bbolt.Tx) error {
					if tx.ID() != l.marks.at {
						return nil
					}
					return l.work(tx)
				})
			})
		}
		return l.work(tx)
	})
	others.Wait()
	for _, part := range l.parts {
		for _, h := range part {
			l.marks.hours = append(l.marks.hours, h)
			l.marks.split(len(l.marks.hours) - 1)
		}
	}
	return l.marks, cmp.Or(errs...)
}

func hourOfKey(k []byte) int32 { return floorDiv64(getInt64(k), hourMillis) }

func (l *markLoader) work(tx *bbolt.Tx) error {
	w := &markReader{markLoader: l, rd: newReader(tx, l.thesis), numbers: map[string]uint32{}}
	read := 0
	for i := l.next.Add(1) - 1; i < markParts; i = l.next.Add(1) - 1 {
		from, until := make([]byte, 8), make([]byte, 8)
		putInt64(from, hourMS(l.first)+int64(i)*int64(l.width)*hourMillis)
		putInt64(until, getInt64(from)+int64(l.width)*hourMillis)
		c := w.rd.verdicts.Cursor()
		for k, raw := c.Seek(from); len(k) >= 8 && bytes.Compare(k, until) < 0; k, raw = c.Next() {
			l.parts[i] = w.add(l.parts[i], k, raw)
			if read++; read%releaseRows == 0 {
				l.store.letGo(tx)
			}
		}
		if n := len(l.parts[i]); n > 0 {
			l.parts[i][n-1].sort()
		}
	}
	return nil
}

// markReader is one of those who take part in loading.
type markReader struct {
	*markLoader
	rd      *reader
	numbers map[string]uint32 // of facets
	scratch []byte
}

// add appends the mark of the verdict at key: to a new piece where the hour is another, or the last piece is full and the
// time is another.
func (w *markReader) add(hours []hourMarks, key, raw []byte) []hourMarks {
	hour := hourOfKey(key)
	inHour := getInt64(key) - hourMS(hour)
	n := len(hours)
	if n == 0 || hours[n-1].hour != hour || len(hours[n-1].marks) >= markPieces && hours[n-1].marks[len(hours[n-1].marks)-1].inHour() != inHour {
		if n > 0 {
			hours[n-1].sort()
		}
		hours, n = append(hours, hourMarks{hour: hour}), n+1
	}
	facet, p := w.read(key, raw)
	h := &hours[n-1]
	h.marks = append(h.marks, newMark(inHour, facet, p))
	return hours
}

// sort ends the loading of an hour.
func (h *hourMarks) sort() {
	slices.Sort(h.marks)
	h.marks = slices.Clone(h.marks) // of the size that is needed
}

// read finds out the facet of the verdict at key and the probability of its stance.
func (w *markReader) read(key, raw []byte) (facet uint32, p uint16) {
	g, err := glanceAt(key, raw)
	if err != nil {
		return unknownFacet, math.MaxUint16
	}
	post, err := unseal(key, w.rd.near.get(key))
	if err != nil {
		return unknownFacet, math.MaxUint16
	}
	outcome := classify.Stance(g.stance).String()
	if g.abstained {
		outcome = "-"
	}
	platform, _, _ := bytes.Cut(key[8:], []byte{0})
	w.scratch = appendMarkKey(w.scratch[:0], platform, textIn(field(post, 4)), textIn(field(post, 3)), outcome)
	n, ok := w.numbers[string(w.scratch)]
	if !ok {
		w.mu.Lock()
		n = w.marks.facet(w.scratch)
		w.mu.Unlock()
		w.numbers[string(w.scratch)] = n
	}
	return n, g.p[g.stance]
}

// appendMarkKey appends the key of a facet: its strings, without their NULs.
func appendMarkKey[T string | []byte](b []byte, platform, kind, lang T, outcome string) []byte {
	for _, s := range [...]T{platform, kind, lang} {
		for i := range len(s) {
			if s[i] != 0 {
				b = append(b, s[i])
			}
		}
		b = append(b, 0)
	}
	return append(b, outcome...)
}

// markChanges are what one transaction does to the marks of a thesis, its facets numbered by itself.
type markChanges struct {
	keys        []string
	numbers     map[string]uint32
	added, gone map[int32][]mark // by hour
}

// change notes that n verdicts, 1 or -1, are counted.
func (c *markChanges) change(p *version, platform string, v *storedVerdict, n int64) {
	if v.Stance >= classify.NumStances {
		return // unreachable: there are four stances
	}
	if c.numbers == nil {
		c.numbers, c.added, c.gone = map[string]uint32{}, map[int32][]mark{}, map[int32][]mark{}
	}
	outcome := classify.Stance(v.Stance).String()
	if v.Abstain != "" {
		outcome = "-"
	}
	var scratch [64]byte
	key := appendMarkKey(scratch[:0], platform, p.post.Kind, p.post.Lang, outcome)
	number, ok := c.numbers[string(key)]
	if !ok {
		number = uint32(len(c.keys))
		c.keys = append(c.keys, string(key))
		c.numbers[string(key)] = number
	}
	hour, to := hourOfKey(p.key), c.added
	if n < 0 {
		to = c.gone
	}
	to[hour] = append(to[hour], newMark(getInt64(p.key)-hourMS(hour), number, v.P[v.Stance]))
}

// markCommitted adds what a transaction has changed.
func (s *Store) markCommitted(w *writer) {
	s.marks.mu.Lock()
	defer s.marks.mu.Unlock()
	for name, t := range w.theses {
		if k := s.marks.byThesis[name]; k != nil && w.id > k.at {
			k.apply(&t.marks)
		}
	}
}

func (k *marks) apply(c *markChanges) {
	numbers := make([]mark, len(c.keys))
	for i, key := range c.keys {
		numbers[i] = mark(k.facet([]byte(key))) << markFacet
	}
	sorted := func(rows []mark) []mark {
		for i, m := range rows {
			rows[i] = newMark(m.inHour(), 0, m.p()) | numbers[m.facet()]
		}
		slices.Sort(rows)
		return rows
	}
	for hour, rows := range c.added {
		k.add(hour, sorted(rows))
	}
	for hour, rows := range c.gone {
		for _, m := range rows {
			k.remove(hour, newMark(m.inHour(), 0, m.p())|numbers[m.facet()])
		}
	}
}

// add adds sorted marks to an hour.
func (k *marks) add(hour int32, rows []mark) {
	for len(rows) > 0 {
		i, ok := k.piece(hour, rows[0])
		if !ok {
			k.hours = slices.Insert(k.hours, i, hourMarks{hour: hour})
		}
		n := len(rows)
		if i+1 < len(k.hours) && k.hours[i+1].hour == hour {
			n, _ = slices.BinarySearch(rows, k.hours[i+1].marks[0])
		}
		h := &k.hours[i]
		old := len(h.marks)
		h.marks = append(h.marks, rows[:n]...)
		sortTail(h.marks, old, cmp.Compare[mark])
		rows = rows[n:]
		k.split(i)
	}
}

// split cuts an hour's marks in pieces of markPieces if they are too many.
func (k *marks) split(i int) {
	h := k.hours[i]
	if len(h.marks) <= mostMarks {
		return
	}
	var pieces []hourMarks
	for part := range slices.Chunk(h.marks, markPieces) {
		pieces = append(pieces, hourMarks{h.hour, slices.Clone(part)})
	}
	k.hours = slices.Replace(k.hours, i, i+1, pieces...)
}

func (k *marks) remove(hour int32, m mark) {
	i, ok := k.piece(hour, m)
	if !ok {
		return
	}
	h := &k.hours[i]
	at, ok := slices.BinarySearch(h.marks, m)
	if !ok {
		return
	}
	if h.marks = slices.Delete(h.marks, at, at+1); len(h.marks) == 0 {
		k.hours = slices.Delete(k.hours, i, i+1)
	}
}

// piece is where in an hour a mark belongs: the last piece that begins with it or before, or else the first; where the hour
// would be when there is none.
func (k *marks) piece(hour int32, m mark) (i int, ok bool) {
	i = sort.Search(len(k.hours), func(i int) bool {
		return k.hours[i].hour > hour || k.hours[i].hour == hour && k.hours[i].marks[0] > m
	})
	if i > 0 && k.hours[i-1].hour == hour {
		return i - 1, true
	}
	return i, i < len(k.hours) && k.hours[i].hour == hour
}
