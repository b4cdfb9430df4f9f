package web

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// counting makes answers that tell how many were made.
type counting struct {
	c     cache
	made  int
	begun []time.Time
}

func (k *counting) get(gen uint64, key string) (made int) {
	a := k.c.get(gen, key, func() *answer {
		k.made++
		k.begun = append(k.begun, time.Now())
		return newAnswer("text/plain", []byte(strconv.Itoa(k.made)))
	})
	made, _ = strconv.Atoi(string(a.body))
	synctest.Wait() // for a making behind
	return made
}

// TestCacheIsNotStale: after each single write the next reader gets what was made after it.
func TestCacheIsNotStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &counting{}
		for gen := uint64(1); gen <= 50; gen++ {
			time.Sleep(rushSpan)
			for range 3 {
				if got := k.get(gen, "/"); got != int(gen) {
					t.Fatalf("after write %d a reader got what was made at %d", gen, got)
				}
			}
		}
		if k.get(50, "/other") != 51 || k.get(50, "/") != 50 {
			t.Error("a second address shares the first one's answer")
		}
	})
}

// TestCacheUnderRush: the first writes of a stream are answered at once with what they wrote; then answers may be old, but
// never by more than rushAge, and the end of the stream is seen.
func TestCacheUnderRush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &counting{}
		stale := 0
		gen := uint64(0)
		for range 400 {
			gen++
			time.Sleep(20 * time.Millisecond)
			before := k.made
			got := k.get(gen, "/")
			if got > before {
				continue
			}
			stale++
			if gen <= rushMakings {
				t.Errorf("write %d was answered with what was before", gen)
			}
			if age := time.Since(k.begun[got-1]); age > rushAge {
				t.Errorf("write %d was answered with what is %v old", gen, age)
			}
		}
		if stale == 0 || k.made > 100 {
			t.Errorf("%d of 400 answers were kept, %d made: nothing was tested", stale, k.made)
		}
		time.Sleep(rushAge)
		if before := k.made; k.get(gen, "/") != before && k.made == before {
			t.Error("the end of the stream is not seen")
		}
	})
}

func TestAnswerHeaders(t *testing.T) {
	a := newAnswer("text/plain", make([]byte, 5000))
	ask := func(headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		a.send(w, r)
		return w
	}
	plain, packed := ask(), ask("Accept-Encoding", "br, gzip;q=0.5")
	if plain.Header().Get("Content-Encoding") != "" || plain.Body.Len() != 5000 || packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len() > 200 {
		t.Errorf("plain %v, packed %v", plain.Header(), packed.Header())
	}
	if ask("Accept-Encoding", "gzip;q=0").Header().Get("Content-Encoding") != "" {
		t.Error("packed for a reader that cannot unpack")
	}
	tag := packed.Header().Get("ETag")
	if tag == "" || tag == plain.Header().Get("ETag") {
		t.Errorf("tags %q and %q", plain.Header().Get("ETag"), tag)
	}
	for _, match := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
		if w := ask("Accept-Encoding", "gzip", "If-None-Match", match); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
			t.Errorf("If-None-Match %s = %d", match, w.Code)
		}
	}
	if w := ask("If-None-Match", tag); w.Code != http.StatusOK {
		t.Errorf("the packed tag for the plain body = %d", w.Code)
	}
}

func TestLimiter(t *testing.T) {
	now := time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)
	l := newLimiter(func() time.Time { return now })
	h := l.limit(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	ask := func(from, forwarded string) int {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = from
		if forwarded != "" {
			r.Header.Set("X-Forwarded-For", forwarded)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	for i := range clientBurst {
		if code := ask("192.0.2.1:5000", ""); code != 200 {
			t.Fatalf("request %d = %d", i, code)
		}
	}
	for _, c := range []struct {
		from, forwarded string
		want            int
	}{
		{"192.0.2.1:5001", "", 429},             // another port is the same client
		{"192.0.2.1:5001", "198.51.100.7", 429}, // and may claim what it likes
		{"192.0.2.2:5000", "", 200},
		{"127.0.0.1:5000", "192.0.2.1", 429}, // a proxy on this machine is believed
		{"127.0.0.1:5000", "192.0.2.1, 192.0.2.9", 200},
		{"[2001:db8::1]:5000", "", 200},
		{"nonsense", "", 200},
	} {
		if code := ask(c.from, c.forwarded); code != c.want {
			t.Errorf("from %s for %q = %d, want %d", c.from, c.forwarded, code, c.want)
		}
	}
	for range clientBurst {
		ask("[2001:db8::2]:1", "")
	}
	if code := ask("[2001:db8::3]:1", ""); code != 429 {
		t.Errorf("an IPv6 customer has more than one rate: %d", code)
	}
	now = now.Add(time.Second)
	if code := ask("192.0.2.1:5000", ""); code != 200 {
		t.Errorf("a second later = %d, want 200", code)
	}
}
