package store

import (
	"slices"

	"stallwatch/classify"
)

// counter adds up one cell and the authors of its stance-taking posts.
type counter struct {
	cell  Cell
	small [(smallPosts + 1) * (smallPosts + 2) / 2]int32 // authors by pair (agreeing, stance-taking), see pairIndex
	large map[[2]int32]int32
}

// smallPosts is how many posts an author may have to be counted in an array.
const smallPosts = 4

func pairIndex(agree, n int32) int32 { return n*(n+1)/2 + agree }

// addPosts counts posts of one outcome.
func (c *counter) addPosts(outcome uint8, n int) {
	switch outcome {
	case uint8(classify.Agree):
		c.cell.Agree += n
	case uint8(classify.Disagree):
		c.cell.Disagree += n
	case uint8(classify.Discuss):
		c.cell.Discuss += n
	case uint8(classify.Unrelated):
		c.cell.Unrelated += n
	default:
		c.cell.Unclassified += n
	}
}

// pair is what one author has in a cell: agreeing and stance-taking posts.
type pair struct{ agree, n int32 }

func (p *pair) add(agrees bool, n int32) {
	if agrees {
		p.agree += n
	}
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
	c.cell.Agree += o.cell.Agree
	c.cell.Disagree += o.cell.Disagree
	c.cell.Discuss += o.cell.Discuss
	c.cell.Unrelated += o.cell.Unrelated
	c.cell.Unclassified += o.cell.Unclassified
	for i, n := range o.small {
		c.small[i] += n
	}
	for k, n := range o.large {
		c.addAuthors(pair{k[0], k[1]}, n)
	}
}

// finish sums over the authors in a fixed order, so that the same posts give the same last digit.
func (c *counter) finish() Cell {
	out := c.cell
	for n := int32(1); n <= smallPosts; n++ {
		for a := range n + 1 {
			if authors := c.small[pairIndex(a, n)]; authors > 0 {
				out.Sums.AddAuthors(int(authors), int(a), int(n))
			}
		}
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
