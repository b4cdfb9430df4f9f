package export

import (
	"errors"
	"strings"
	"testing"

	"stallwatch/collector"
)

// TestTooMany: an object or array with more parts than any file of posts has fails by itself, wherever it lies, before it takes
// memory by the gigabyte; one with as many as are allowed is read.
func TestTooMany(t *testing.T) {
	tiny := func(part string, n int) string { return strings.Repeat(part+",", n-1) + part }
	f := &File{}
	for name, x := range map[string]struct {
		in   string
		many bool
	}{
		"members":          {"{" + tiny(`"a":1`, collector.MaxMembers+1) + "}", true},
		"elements":         {`{"x":[` + tiny("1", collector.MaxMembers+1) + "]}", true},
		"posts of a page":  {`{"data":[` + tiny("{}", collector.MaxMembers+1) + "]}", true},
		"deeper":           {`{"x":{"y":[[` + tiny("0", collector.MaxMembers+1) + "]]}}", true},
		"as many elements": {`{"x":[` + tiny("1", collector.MaxMembers) + "]}", false},
		"as many members":  {"{" + tiny(`"a":1`, collector.MaxMembers) + "}", false},
	} {
		res := f.decodeValue(Value{Raw: []byte(x.in)})
		if many := len(res.Failures) == 1 && errors.Is(res.Failures[0].Err, collector.ErrMany); many != x.many {
			t.Errorf("%s: %d failures, %d skips", name, len(res.Failures), len(res.Skips))
		}
	}
}

// TestLongMap: a map of posts that is longer than any post is looked into.
func TestLongMap(t *testing.T) {
	const post = `"%":{"id":"1000000","text":"hello","date":"2025-07-03T10:00:00Z","note":"` + "\u00e9" + `"}`
	n := maxFlat/len(post) + 2
	res := (&File{}).decodeValue(Value{Raw: []byte("{" + strings.Repeat(post+",", n-1) + post + "}")})
	if len(res.Posts) != n || len(res.Failures)+len(res.Skips) > 0 {
		t.Errorf("%d posts, %d failures, %d skips, want %d posts", len(res.Posts), len(res.Failures), len(res.Skips), n)
	}
}
