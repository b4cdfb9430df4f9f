//go:build race

package xapi_test

// manyPosts is smaller under the race detector, which is some ten times slower.
const manyPosts = 20_000
