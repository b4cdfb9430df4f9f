//go:build !race

package xapi_test

// manyPosts is how many posts TestHundredThousand collects.
const manyPosts = 100_000
