package store

import (
	"slices"

	"stallwatch/classify"
)

// counter adds up one cell and the authors of its stance-taking posts. A series has a great many, and most authors have one
// post in a step.
type counter struct {
	posts  [classify.NumStances + 1]int32 // by outcome, see choice
	single [2]int32                       // authors of one post, that disagrees or agrees
	more   *moreCounter                   // nil: none
}

// moreCounter counts authors of several posts in one cell.
type moreCounter struct {
	small [(smallPosts + 1) * (smallPosts + 2) / 2]int32 // by pair (agreeing, stance-taking), see pairIndex
	large map[[2]int32]int32
}

// smallPosts is how many posts an author may have to be counted in an array.
const smallPosts = 8

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
	case p.n == 1:
		c.single[p.agree] += authors
	case p.n > 1:
		if c.more == nil {
			c.more = &moreCounter{}
		}
		c.more.add(p, authors)
	}
}

func (c *moreCounter) add(p pair, authors int32) {
	if p.n <= smallPosts {
		c.small[pairIndex(p.agree, p.n)] += authors
		return
	}
	if c.large == nil {
		c.large = map[[2]int32]int32{}
	}
	c.large[[2]int32{p.agree, p.n}] += authors
}

func (c *counter) merge(o *counter) {
	c.addAll(&o.posts)
	c.single[0] += o.single[0]
	c.single[1] += o.single[1]
	if o.more == nil {
		return
	}
	if c.more == nil {
		c.more = &moreCounter{}
	}
	for i, n := range o.more.small {
		c.more.small[i] += n
	}
	for k, n := range o.more.large {
		c.more.add(pair{k[0], k[1]}, n)
	}
}

// finish sums over the authors in a fixed order, so that the same posts give the same last digit.
func (c *counter) finish() Cell {
	n := func(outcome int) int { return int(c.posts[outcome]) }
	out := Cell{Agree: n(int(classify.Agree)), Disagree: n(int(classify.Disagree)), Discuss: n(int(classify.Discuss)),
		Unrelated: n(int(classify.Unrelated)), Unclassified: n(classify.NumStances)}
	add := func(authors, agree, n int32) {
		if authors > 0 {
			out.Sums.AddAuthors(int(authors), int(agree), int(n))
		}
	}
	add(c.single[0], 0, 1)
	add(c.single[1], 1, 1)
	if c.more == nil {
		return out
	}
	for n := int32(2); n <= smallPosts; n++ {
		for a := range n + 1 {
			add(c.more.small[pairIndex(a, n)], a, n)
		}
	}
	keys := make([][2]int32, 0, len(c.more.large))
	for k := range c.more.large {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b [2]int32) int { return slices.Compare(a[:], b[:]) })
	for _, k := range keys {
		add(c.more.large[k], k[0], k[1])
	}
	return out
}
