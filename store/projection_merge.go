package store

import (
	"cmp"
	"slices"
	"sort"
)

// tidy brings rows added after the first so many of either kind into order; when many have come it merges them.
func (p *projection) tidy(hours, authors int) {
	sortTail(p.recentHours, hours, compareHours)
	p.recentHours = sumRows(p.recentHours)
	sortTail(p.recent, authors, compareRecent)
	if len(p.recent) > max(1<<16, len(p.rows)/8) || len(p.recentHours) > max(1<<16, len(p.hours)/8) {
		p.merge()
	}
}

func compareHours(a, b hourRow) int {
	return cmp.Or(cmp.Compare(a.hour, b.hour), cmp.Compare(a.facet, b.facet))
}

func compareRecent(a, b recentRow) int {
	return cmp.Or(cmp.Compare(a.author, b.author), cmp.Compare(a.hour, b.hour), cmp.Compare(a.facet, b.facet))
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

func sumRows(rows []hourRow) []hourRow {
	out := rows[:0]
	for _, r := range rows {
		if n := len(out); n > 0 && out[n-1].hour == r.hour && out[n-1].facet == r.facet {
			out[n-1].n += r.n
		} else {
			out = append(out, r)
		}
	}
	return slices.DeleteFunc(out, func(r hourRow) bool { return r.n == 0 })
}

// merge brings the recent rows into the columns.
func (p *projection) merge() {
	p.mergeHours()
	p.mergeAuthors()
	p.counted.clear()
}

// mergeHours leaves the order of facets as the file has it in hours that have no recent rows: nothing needs it.
func (p *projection) mergeHours() {
	n, recent := len(p.hours), p.recentHours
	p.hours = append(p.hours, recent...)
	sortTail(p.hours, n, func(a, b hourRow) int { return cmp.Compare(a.hour, b.hour) })
	if n > 0 {
		for at := 0; len(recent) > 0; {
			hour := recent[0].hour
			for recent = recent[1:]; len(recent) > 0 && recent[0].hour == hour; {
				recent = recent[1:]
			}
			at += sort.Search(len(p.hours)-at, func(i int) bool { return p.hours[at+i].hour >= hour })
			from := at
			for at < len(p.hours) && p.hours[at].hour == hour {
				at++
			}
			slices.SortFunc(p.hours[from:at], compareHours)
		}
		p.hours = sumRows(p.hours)
	}
	p.recentHours, p.spans = nil, p.spans[:0]
	for i, r := range p.hours {
		if i == 0 || p.hours[i-1].hour != r.hour {
			p.spans = append(p.spans, span{r.hour, uint32(i)})
		}
	}
}

func (p *projection) mergeAuthors() {
	rows := make([]authorRow, 0, len(p.rows)+len(p.recent))
	start := make([]uint32, len(p.authors)+1)
	rest := p.recent
	for a := range uint32(len(p.authors)) {
		start[a] = uint32(len(rows))
		n := 0
		for n < len(rest) && rest[n].author == a {
			n++
		}
		rows = mergeRows(rows, p.author(a), rest[:n])
		rest = rest[n:]
	}
	start[len(p.authors)] = uint32(len(rows))
	p.rows, p.start, p.recent = rows, start, nil
}

// author are the merged rows of an author.
func (p *projection) author(a uint32) []authorRow {
	if int(a)+1 >= len(p.start) {
		return nil
	}
	return p.rows[p.start[a]:p.start[a+1]]
}

// mergeRows appends the rows of one author, old and recent, in order of hours; what cancels out is left out.
func mergeRows(out, old []authorRow, recent []recentRow) []authorRow {
	begin := len(out)
	for len(old) > 0 || len(recent) > 0 {
		var next authorRow
		if len(recent) == 0 || len(old) > 0 && old[0].before(recent[0].authorRow) {
			next, old = old[0], old[1:]
		} else {
			next, recent = recent[0].authorRow, recent[1:]
		}
		if n := len(out); n > begin && out[n-1].hour == next.hour && out[n-1].facet == next.facet {
			if out[n-1].n += next.n; out[n-1].n == 0 {
				out = out[:n-1]
			}
			continue
		}
		out = append(out, next)
	}
	return out
}

func (r authorRow) before(o authorRow) bool {
	return r.hour < o.hour || r.hour == o.hour && r.facet <= o.facet
}
