// Package store keeps posts, verdicts, counts and provenance in one bbolt file.
package store
