package store

import (
	"slices"

	"stallwatch/classify"
)

// counter adds up one cell and the authors of its stance-taking posts. A series has a great many: they are small.
type counter struct {
	posts [classify.NumStances + 1]int32                 // by outcome, see choice
	small [(smallPosts + 1) * (smallPosts + 2) / 2]int32 // authors by pair (agreeing, stance-taking), see pairIndex
	large map[[2]int32]int32
}

// smallPosts is how many posts an author may have to be counted in an array.
const smallPosts = 4

func pairIndex(agree, n int32) int32 { return n*(n+1)/2 + agree }

// addPosts counts posts of one outcome.
func (c *counter) addPosts(outcome uint8, n int32) { c.posts[outcome] += n }

func (c *counter) addAll(posts *[classify.NumStances + 1]int32) {
	for i, n := range posts {
		c.posts[i] += n
	}
}

// pair is what one author has in a cell: agreeing and stance-taking posts.
type pair struct{ agree, n int32 }

// add counts n posts; agree is n when they agree, otherwise 0.
func (p *pair) add(agree, n int32) {
	p.agree += agree
	p.n += n
}

// addAuthors counts so many authors with such a pair; the empty pair does not count.
func (c *counter) addAuthors(p pair, authors int32) {
	switch {
	case p.n <= 0:
	case p.n <= smallPosts:
		c.small[pairIndex(p.agree, p.n)] += authors
	default:
		if c.large == nil {
			c.large = map[[2]int32]int32{}
		}
		c.large[[2]int32{p.agree, p.n}] += authors
	}
}

func (c *counter) merge(o *counter) {
	c.addAll(&o.posts)
	for i, n := range o.small {
		c.small[i] += n
	}
	for k, n := range o.large {
		c.addAuthors(pair{k[0], k[1]}, n)
	}
}

// finish sums over the authors in a fixed order, so that the same posts give the same last digit.
func (c *counter) finish() Cell {
	n := func(outcome int) int { return int(c.posts[outcome]) }
	out := Cell{Agree: n(int(classify.Agree)), Disagree: n(int(classify.Disagree)), Discuss: n(int(classify.Discuss)),
		Unrelated: n(int(classify.Unrelated)), Unclassified: n(classify.NumStances)}
	for n := int32(1); n <= smallPosts; n++ {
		for a := range n + 1 {
			if authors := c.small[pairIndex(a, n)]; authors > 0 {
				out.Sums.AddAuthors(int(authors), int(a), int(n))
			}
		}
	}
	if len(c.large) == 0 {
		return out
	}
	keys := make([][2]int32, 0, len(c.large))
	for k, authors := range c.large {
		if authors == 0 {
			continue
		}
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b [2]int32) int { return slices.Compare(a[:], b[:]) })
	for _, k := range keys {
		out.Sums.AddAuthors(int(c.large[k]), int(k[0]), int(k[1]))
	}
	return out
}
