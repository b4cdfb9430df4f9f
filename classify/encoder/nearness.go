package encoder

import "math"

// nearness spreads the biases of the heads, which are given bucket by bucket, over the distances between two tokens: of head k,
// nearby[k][MaxTokens-1+d] is for a key d places behind the query. They are multiplied by √d of a head, since softmax divides by it.
func nearness(biases []float32, c *Card) [][]float32 {
	nearby := make([][]float32, c.Heads)
	root := float32(math.Sqrt(float64(c.Hidden / c.Heads)))
	for k := range nearby {
		nearby[k] = make([]float32, 2*c.MaxTokens-1)
		for i := range nearby[k] {
			nearby[k][i] = root * biases[bucket(i-c.MaxTokens+1, c.Buckets)*c.Heads+k]
		}
	}
	return nearby
}

// bucket is the bucket of a distance (Raffel et al. 2020, "Exploring the limits of transfer learning", section 2.1; MPNet takes it over): the
// second half of the buckets is for keys behind the query. In each half the first half of the buckets holds one distance each, and the others,
// up to 16 times as far, are equally wide in the logarithm; the last takes all that is further.
func bucket(distance, buckets int) int {
	half, n := 0, -distance
	if n < 0 {
		half, n = buckets/2, distance
	}
	exact := buckets / 4
	if n < exact {
		return half + n
	}
	// The small number keeps a power of two, whose logarithm is a whole number, from being rounded down.
	return half + min(exact+int(float64(exact)*math.Log2(float64(n)/float64(exact))/4+1e-9), buckets/2-1)
}
