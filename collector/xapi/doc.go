// Package xapi reads what X API v2 answers, straight from the API or as twarc2 and others have saved it.
//
// X renamed posts in its OpenAPI 2.167 (7 August 2026: note_post, referenced_posts, repost_count, includes.posts,
// post_count), while every older file and most documentation keep the old names: both are read everywhere.
package xapi
