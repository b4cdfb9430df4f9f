package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/singleflight"
)

// answer is a whole response, made before its first byte is sent: no page breaks off in the middle.
type answer struct {
	status      int
	contentType string
	header      map[string]string // beside those that every answer has
	body, gz    []byte            // gz is nil where packing does not pay
	etag        string
}

// newAnswer is an answer of status 200 to keep and to compare.
func newAnswer(contentType string, body []byte) *answer {
	a := &answer{status: http.StatusOK, contentType: contentType, body: body}
	sum := sha256.Sum256(body)
	a.etag = hex.EncodeToString(sum[:12])
	a.pack()
	return a
}

// pack keeps the packed body beside the plain one. No page holds a secret, so that its packed size tells nobody anything
// (BREACH).
func (a *answer) pack() {
	if len(a.body) < 1<<10 {
		return
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(a.body) // a buffer takes all
	_ = z.Close()
	if b.Len() < len(a.body) {
		a.gz = b.Bytes()
	}
}

func (a *answer) size() int { return len(a.body) + len(a.gz) + 512 }

// with sets a header.
func (a *answer) with(name, value string) *answer {
	if a.header == nil {
		a.header = map[string]string{}
	}
	a.header[name] = value
	return a
}

// send writes the answer, or that the reader has it already. The error of writing is that of a reader who has gone.
func (a *answer) send(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for name, value := range a.header {
		h.Set(name, value)
	}
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache") // keep it, but ask each time
	}
	h.Set("Content-Type", a.contentType)
	body, tag := a.body, a.etag
	if a.gz != nil {
		h.Add("Vary", "Accept-Encoding")
		if takesGzip(r) {
			body, tag = a.gz, tag+"-gz"
			h.Set("Content-Encoding", "gzip")
		}
	}
	if a.etag != "" {
		h.Set("ETag", `"`+tag+`"`)
		if has(r.Header.Get("If-None-Match"), tag) {
			h.Del("Content-Encoding")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(body)
}

// has reports whether an If-None-Match header names the tag (RFC 9110, section 13.1.2: weak comparison).
func has(header, tag string) bool {
	for t := range strings.SplitSeq(header, ",") {
		if t = strings.TrimSpace(t); t == "*" || strings.TrimPrefix(t, "W/") == `"`+tag+`"` {
			return true
		}
	}
	return false
}

// takesGzip reports whether Accept-Encoding allows gzip.
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(part, ";")
		if name = strings.TrimSpace(name); name == "gzip" || name == "*" {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && !strings.HasPrefix(q, "q=0.0")
		}
	}
	return false
}

// cacheBytes bounds what a cache keeps.
const cacheBytes = 64 << 20

// Under a stream of writes, such as an import, every answer would have to be made again for every reader. A key that has been
// made anew rushMakings times within rushSpan may be answered with what was true at most rushAge ago, while the next is
// being made. A single write, or a few, are never answered with what was before. The span takes in a writer that commits about once a second, as an
// import does that shares two cores with its readers (TestLoad of cmd/stallwatch): were it shorter, all of them would wait after every commit.
const (
	rushMakings = 3
	rushSpan    = 5 * time.Second
	rushAge     = time.Second
)

// cache keeps answers for as long as the store does not change. It is safe for concurrent use.
type cache struct {
	mu      sync.Mutex
	answers map[string]*kept
	bytes   int
	flight  singleflight.Group
}

// kept is an answer with the generation it was made of.
type kept struct {
	*answer
	gen    uint64
	begun  time.Time   // when its making began
	recent []time.Time // the last makings of this key, at most rushMakings
}

// get is the answer of a generation to a key, made by compute unless it is there; readers who ask at once wait for one
// making. The generation is read before the store is, so that an answer is never older than its label.
func (c *cache) get(gen uint64, key string, compute func() *answer) *answer {
	now := time.Now()
	c.mu.Lock()
	k := c.answers[key]
	c.mu.Unlock()
	if k != nil && k.gen == gen {
		return k.answer
	}
	if k != nil && k.rush(now) {
		if now.Sub(k.begun) > rushAge/4 { // leave the machine to the writer for a while
			go c.make(gen, key, key, compute)
		}
		return k.answer
	}
	return c.make(gen, key, strconv.FormatUint(gen, 36)+" "+key, compute)
}

// rush reports whether the answer may stand for a newer one.
func (k *kept) rush(now time.Time) bool {
	return len(k.recent) == rushMakings && now.Sub(k.recent[0]) < rushSpan && now.Sub(k.begun) < rushAge
}

// make makes an answer, once for all who ask under the same name.
func (c *cache) make(gen uint64, key, name string, compute func() *answer) *answer {
	v, _, _ := c.flight.Do(name, func() (any, error) {
		begun := time.Now()
		a := compute()
		if a.status == http.StatusOK {
			c.put(key, &kept{answer: a, gen: gen, begun: begun})
		}
		return a, nil
	})
	return v.(*answer)
}

func (c *cache) put(key string, k *kept) {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.answers[key]
	if old != nil {
		if old.gen > k.gen {
			return
		}
		c.bytes -= old.size()
		k.recent = append(k.recent, old.recent[max(0, len(old.recent)-rushMakings+1):]...)
	}
	k.recent = append(k.recent, k.begun)
	if c.answers == nil || c.bytes+k.size() > cacheBytes {
		c.answers, c.bytes = map[string]*kept{}, 0
	}
	c.answers[key] = k
	c.bytes += k.size()
}
