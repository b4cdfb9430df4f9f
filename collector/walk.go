package collector

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Walk is the state of a search that answers newest first. Time is cut into windows, oldest first, and each is walked from its
// newest post back to its oldest. Only when a window is done does Through move, so that whatever interrupts a walk leaves
// no hole: the next one goes on at the token, or below the oldest post seen if the token is no good any more.
type Walk struct {
	Through time.Time `json:"through,omitzero"` // all before is done
	From    time.Time `json:"from,omitzero"`    // the window under way; posts of it count as new from here on
	Start   time.Time `json:"start,omitzero"`   // what is asked for: From less the overlap
	End     time.Time `json:"end,omitzero"`     // exclusive; zero: no window is under way
	Until   time.Time `json:"until,omitzero"`   // what is asked for: End, or less since a token was dropped
	Token   string    `json:"token,omitempty"`  // of the page to go on with
	Oldest  string    `json:"oldest,omitempty"` // id of the oldest post seen in the window
	Reached time.Time `json:"reached,omitzero"` // its time
	Pages   int       `json:"pages,omitempty"`  // seen in the window
	Late    bool      `json:"late,omitempty"`   // the window before was read so soon that posts may have come late
	Counted time.Time `json:"counted,omitzero"` // hours up to here have been compared with the platform's counts
}

// Plan says how a source cuts time into windows.
type Plan struct {
	First   time.Time     // where the very first window begins
	Last    time.Time     // where the last one ends; zero: never
	Overlap time.Duration // read again before each window, for posts that the platform indexed late
	Keeps   time.Duration // how far back the platform answers; 0: for ever
	Width   time.Duration // of a window at most; 0: any
	Lag     time.Duration // the newest posts are left for the next window: a platform does not have them all yet
}

// ReadWalk reads a state back; nil is the beginning.
func ReadWalk(state []byte) (w Walk, err error) {
	if state == nil {
		return w, nil
	}
	if err := json.Unmarshal(state, &w); err != nil {
		return w, fmt.Errorf("the kept cursor cannot be read: %w", err)
	}
	return w, nil
}

// State is the walk as it is kept.
func (w *Walk) State() []byte {
	raw, err := json.Marshal(w)
	if err != nil { // unreachable: strings and times of this era
		return nil
	}
	return raw
}

// Open makes sure that a window is under way, and reports the gap if part of it can no longer be had. open is false
// when there is nothing to ask for yet. now is the platform's time.
func (w *Walk) Open(now time.Time, p Plan) (open bool, gap *Gap) {
	gap = w.forget(now, p)
	if !w.End.IsZero() {
		return true, gap
	}
	from := w.Through
	if from.IsZero() {
		from = p.First
		if horizon := now.Add(-p.Keeps + time.Minute); p.Keeps > 0 && from.Before(horizon) {
			from = horizon
		}
	}
	from = from.UTC().Truncate(time.Second)
	end := now.Add(-p.Lag).UTC().Truncate(time.Second)
	if !p.Last.IsZero() && end.After(p.Last) {
		end = p.Last
	}
	if p.Width > 0 && end.Sub(from) > p.Width {
		end = from.Add(p.Width)
	}
	if !end.After(from) { // also when a clock was put back
		return false, gap
	}
	w.From, w.Start, w.End, w.Until, w.Token, w.Oldest, w.Reached, w.Pages = from, from, end, end, "", "", time.Time{}, 0
	late := w.Late
	w.Late = now.Sub(end) < p.Lag+settled
	if !w.Through.IsZero() && late {
		w.Start = from.Add(-p.Overlap)
		if horizon := now.Add(-p.Keeps + time.Minute); p.Keeps > 0 && w.Start.Before(horizon) {
			w.Start = minTime(horizon.Truncate(time.Second), from)
		}
	}
	if w.Through.IsZero() {
		w.Through = from
	}
	return true, gap
}

// forget gives up what lies beyond the platform's horizon.
func (w *Walk) forget(now time.Time, p Plan) *Gap {
	if p.Keeps <= 0 || w.Through.IsZero() {
		return nil
	}
	horizon := now.Add(-p.Keeps + time.Minute).UTC().Truncate(time.Second)
	if !w.Through.Before(horizon) {
		return nil
	}
	gap := &Gap{From: w.Through, To: horizon} // the loop knows why
	w.Through = horizon
	switch {
	case w.End.IsZero():
	case w.End.Before(horizon): // what was seen of it lies in the middle of the gap
		w.End, w.Token = time.Time{}, ""
	default:
		if !w.Reached.IsZero() && w.Reached.Before(gap.To) {
			gap.To = w.Reached
		}
		w.From, w.Start = horizon, horizon
		w.Drop() // the token belongs to a request with another start
	}
	if !gap.To.After(gap.From) {
		return nil
	}
	return gap
}

// Seen takes the posts of a page into account and returns those that this window, or another, has not delivered before, as far as that
// can be told from a list that is in order.
func (w *Walk) Seen(posts []Post) (fresh []Post) {
	for i := range posts {
		p := &posts[i]
		if w.Oldest != "" && !OlderID(p.ID, w.Oldest) {
			continue
		}
		w.Oldest, w.Reached = p.ID, p.CreatedAt
		if !p.CreatedAt.Before(w.From) && p.CreatedAt.Before(w.End) {
			fresh = append(fresh, *p)
		}
	}
	w.Pages++
	return fresh
}

// Next goes on to the page with the token, or ends the window when there is none.
func (w *Walk) Next(token string) {
	w.Token = token
	if token == "" {
		w.Close()
	}
}

// Drop gives up the token: the window goes on with the second that its oldest post was made in, which is read again.
func (w *Walk) Drop() {
	w.Token = ""
	if again := w.Reached.Truncate(time.Second).Add(time.Second); !w.Reached.IsZero() && again.Before(w.Until) {
		w.Until = again
	}
}

// Close ends the window: all of it is done.
func (w *Walk) Close() {
	w.Through = w.End
	w.End, w.Until, w.Token, w.Oldest, w.Reached, w.Pages = time.Time{}, time.Time{}, "", "", time.Time{}, 0
}

// settled is the age at which a time has got all its posts.
const settled = 10 * time.Minute

// worthwhile is how much new time makes a window within the same round: catching up can take long.
const worthwhile = 5 * time.Minute

// Behind reports whether more can be asked for at once.
func (w *Walk) Behind(now time.Time, p Plan) bool {
	last := now.Add(-p.Lag - worthwhile)
	if !p.Last.IsZero() && p.Last.Before(last) {
		last = p.Last
	}
	return !w.End.IsZero() || w.Through.Before(last)
}

// Strange reports whether a page was not made for this window: it lies outside it altogether. Caches between us and a
// platform have answered one request with the answer to another.
func (w *Walk) Strange(newest, oldest time.Time) bool {
	return oldest.After(w.Until.Add(time.Minute)) || newest.Before(w.Start.Add(-time.Minute))
}

// OlderID reports whether id a is of an older post than b. Ids of X and Mastodon are numbers that grow with time.
func OlderID(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return strings.Compare(a, b) < 0
}

// PerHour counts posts by the hour they were made in.
func PerHour(posts []Post) (out []Hour) {
	at := map[time.Time]int{}
	for i := range posts {
		h := posts[i].CreatedAt.UTC().Truncate(time.Hour)
		k, ok := at[h]
		if !ok {
			k = len(out)
			at[h] = k
			out = append(out, Hour{Start: h})
		}
		out[k].Delivered++
	}
	return out
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
