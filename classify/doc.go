// Package classify tells the stance of a post on a thesis.
package classify
