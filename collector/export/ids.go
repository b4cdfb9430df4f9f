package export

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"stallwatch/collector"
	"strings"
	"time"
)

// ownID is the id, or that in the post's own link if it agrees with the date and the id does not: monitors number posts anew.
func (r row) ownID(id string) string {
	m := xStatus.FindStringSubmatch(r.cell("url"))
	if m == nil || m[1] == id || !r.dated(m[1]) || r.dated(id) {
		return id
	}
	return m[1]
}

// dated tells whether the time inside an id of X agrees with the date, in whatever order that has its day and month.
func (r row) dated(id string) bool {
	inID, ok := collector.SnowflakeTime(id)
	for _, order := range []string{r.opt.Map["date_order"], "dmy", "mdy"} {
		if at, err := parseDate(r.cell("date"), order); ok && err == nil && near(at, inID) {
			return true
		}
	}
	return false
}

// contentID stands in for an id that a source lacks or has damaged: the same words of the same author at the same time
// are the same post.
func contentID(p collector.Post) string {
	h := sha256.Sum256([]byte(p.Text + "\n" + p.CreatedAt.Format(time.RFC3339) + "\n" + p.Author.Key()))
	return "h:" + hex.EncodeToString(h[:8])
}

// idFault is an id that cannot be taken as it stands.
type idFault struct{ kind, id string }

const (
	faultMissing = "missing"
	faultFloat   = "float"
	faultRound   = "round" // taken, but suspicious
)

var (
	floatID  = regexp.MustCompile(`^\d+([.,]\d+)?[eE]\+?\d+$|^\d{16,}\.\d+$`)
	zeroID   = regexp.MustCompile(`^(\d{1,15})\.0$`)
	statusID = regexp.MustCompile(`/status(?:es)?/(\d+)`)
	roundID  = regexp.MustCompile(`^\d{15,}00$`)
)

// bareID takes off what spreadsheets and R put around ids.
func bareID(id string) string {
	id = strings.Trim(strings.TrimPrefix(id, "="), `"'`)
	if len(id) > 5 && (id[0] == 'x' || id[0] == 'X') && strings.Trim(id[1:], "0123456789") == "" {
		id = id[1:]
	}
	return integer(id)
}

// cleanID is bareID, and refuses an id that has passed through a float: its last
// digits are gone. The id in the post's own link takes its place where there is one; else the answer is empty.
func cleanID(id, url string) (string, *idFault) {
	raw := id
	id = bareID(id)
	if id != "" && !floatID.MatchString(id) {
		if roundID.MatchString(id) {
			return id, &idFault{faultRound, raw}
		}
		return collector.Clean(id), nil
	}
	if m := statusID.FindStringSubmatch(url); m != nil {
		return m[1], nil
	}
	if id == "" {
		return "", &idFault{faultMissing, raw}
	}
	return "", &idFault{faultFloat, raw}
}

// integer takes the .0 off a small number that a program has made a float of.
func integer(s string) string {
	if m := zeroID.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return s
}
