//go:build race

package main

// killPosts is smaller under the race detector, which makes a store some ten times slower.
const killPosts = 10_000
