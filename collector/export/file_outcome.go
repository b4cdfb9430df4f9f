package export

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"stallwatch/collector"
)

// outcome keeps account of whether a file was of any use: a file of errors that somebody has saved in place of pages must not pass
// for one that has come in.
type outcome struct {
	useful atomic.Bool // a post or a deletion has come out of it, or a failure that tells of itself

	mu    sync.Mutex
	skips map[collector.Reason]int // until it is useful
}

func (o *outcome) count(r *Result) {
	switch {
	case o.useful.Load():
	case r.gave() > 0 || len(r.Failures) > 0:
		o.useful.Store(true)
	default:
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.skips == nil {
			o.skips = map[collector.Reason]int{}
		}
		for _, s := range r.Skips {
			o.skips[s.Reason]++
		}
	}
}

// words say what was there instead of posts, "" where that has been said or where there were posts.
func (o *outcome) words() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var parts []string
	for _, r := range slices.Sorted(maps.Keys(o.skips)) {
		what := string(r)
		switch r {
		case collector.SkipUnknown, collector.SkipLike, collector.SkipHeader, collector.SkipNoText:
			continue // these tell of themselves
		case collector.SkipAPIError:
			what = "errors that an API gave in place of posts"
		case collector.SkipPrivate:
			what = "private messages or posts"
		case collector.SkipEmptyPage:
			what = "pages without posts"
		case collector.SkipUsers:
			what = "accounts, or accounts and posts that others refer to and that belong to a file beside it"
		}
		parts = append(parts, fmt.Sprintf("%s (%d)", what, o.skips[r]))
	}
	if len(parts) == 0 || o.useful.Load() {
		return ""
	}
	return "no post is in it, only " + strings.Join(parts, ", ")
}
