package store

import (
	"cmp"
	"slices"
)

// tidy merges the recent tallies into the columns when many have come.
func (p *projection) tidy() {
	if p.recent.rows > max(1<<16, p.authors.rows/16) || p.recentHours.rows > max(1<<16, p.hours.rows/16) {
		p.hours.add(p.recentHours)
		for _, l := range p.recent.lists {
			p.authors.add(l)
		}
		p.recentHours, p.recent = hourTable{}, authorTable{}
		p.counted.clear()
	}
}

func appendTallies(out []tally, facet uint32, n int64) []tally {
	for n != 0 {
		part := max(min(n, maxTally), -maxTally)
		out = append(out, tally(facet)<<8|tally(uint8(part)))
		n -= part
	}
	return out
}

func appendAuthorTallies(out []authorTally, author uint64, r hourRow, n int64) []authorTally {
	for n != 0 {
		part := max(min(n, maxTally), -maxTally)
		out = append(out, newAuthorTally(author, r.hour, tally(r.facet)<<8|tally(uint8(part))))
		n -= part
	}
	return out
}

// tableOf sorts rows into a table.
func tableOf(rows []hourRow) (t hourTable) {
	slices.SortFunc(rows, func(a, b hourRow) int { return cmp.Compare(a.hour, b.hour) })
	for _, r := range rows {
		if n := len(t.hours); n == 0 || t.hours[n-1].hour != r.hour {
			t.hours = append(t.hours, hourTallies{hour: r.hour})
		}
		h := &t.hours[len(t.hours)-1]
		h.tallies = appendTallies(h.tallies, r.facet, r.n)
	}
	return t
}

// add adds the tallies of another table; what cancels out goes.
func (t *hourTable) add(o hourTable) {
	old, more := t.hours, o.hours
	*t = hourTable{hours: make([]hourTallies, 0, len(old)+len(more))}
	for len(old) > 0 || len(more) > 0 {
		var h hourTallies
		switch {
		case len(more) == 0 || len(old) > 0 && old[0].hour < more[0].hour:
			h, old = old[0], old[1:]
		case len(old) == 0 || more[0].hour < old[0].hour:
			h, more = more[0], more[1:]
		default:
			h, old, more = hourTallies{old[0].hour, sumTallies(slices.Concat(old[0].tallies, more[0].tallies))}, old[1:], more[1:]
		}
		if len(h.tallies) > 0 {
			t.hours = append(t.hours, h)
			t.rows += len(h.tallies)
		}
	}
}

// sumTallies adds up those of the same facet, in place: the sum never takes more of them.
func sumTallies(all []tally) []tally {
	slices.Sort(all)
	out := all[:0]
	for len(all) > 0 {
		facet, n := all[0].facet(), int64(0)
		for ; len(all) > 0 && all[0].facet() == facet; all = all[1:] {
			n += int64(all[0].n())
		}
		out = appendTallies(out, facet, n)
	}
	return slices.Clip(out)
}

func compareAuthorTallies(a, b authorTally) int {
	return cmp.Or(cmp.Compare(a.author, b.author), cmp.Compare(a.at, b.at))
}

// add adds sorted tallies; what cancels out goes.
func (t *authorTable) add(more []authorTally) {
	for len(more) > 0 {
		list, n := listOf(more[0].author), 1
		for n < len(more) && listOf(more[n].author) == list {
			n++
		}
		old := t.lists[list]
		t.lists[list] = mergeAuthorTallies(make([]authorTally, 0, len(old)+n), old, more[:n])
		t.rows += len(t.lists[list]) - len(old)
		more = more[n:]
	}
}

// of are the tallies of an author.
func (t *authorTable) of(author uint64) []authorTally {
	l := t.lists[listOf(author)]
	from, ok := slices.BinarySearchFunc(l, author, func(r authorTally, author uint64) int { return cmp.Compare(r.author, author) })
	if !ok {
		return nil
	}
	return l[from : from+sameAuthor(l[from:])]
}

// sameAuthor is how many tallies at the beginning are of one author.
func sameAuthor(rows []authorTally) int {
	n := 1
	for n < len(rows) && rows[n].author == rows[0].author {
		n++
	}
	return n
}

// mergeAuthorTallies appends tallies of two sorted lists, added up.
func mergeAuthorTallies(out, old, more []authorTally) []authorTally {
	for len(old) > 0 || len(more) > 0 {
		next := more
		if len(more) == 0 || len(old) > 0 && compareAuthorTallies(old[0], more[0]) <= 0 {
			next = old
		}
		r, n := next[0], int64(0)
		for _, l := range []*[]authorTally{&old, &more} {
			for ; len(*l) > 0 && (*l)[0].author == r.author && (*l)[0].at>>8 == r.at>>8; *l = (*l)[1:] {
				n += int64((*l)[0].n())
			}
		}
		out = appendAuthorTallies(out, r.author, hourRow{hour: r.hour(), facet: r.facet()}, n)
	}
	return out
}

// sortTail sorts rows whose first n are in order.
func sortTail[T any](rows []T, n int, compare func(a, b T) int) {
	tail := slices.Clone(rows[n:])
	slices.SortStableFunc(tail, compare)
	at := len(rows) - 1
	for i, j := n-1, len(tail)-1; j >= 0; at-- {
		if i >= 0 && compare(rows[i], tail[j]) > 0 {
			rows[at] = rows[i]
			i--
		} else {
			rows[at] = tail[j]
			j--
		}
	}
}
