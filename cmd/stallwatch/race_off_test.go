//go:build !race

package main

// killPosts is how many posts TestCollectKilled collects.
const killPosts = 100_000
