package export

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"time"

	"stallwatch/collector"
	"stallwatch/collector/export/dates"
	"stallwatch/collector/telegram"
)

// smallID is as many digits as a number has that counts rows, messages of a chat or posts of a page, and not those of a network.
const smallID = 10

// setID sets the id that the post has on its platform. What counts posts in a chat, on a wall or in a file is no such id: the
// chat or wall is put before it, and where there is none a hash of the content behind it, so that two posts never share one.
func (r row) setID(p *collector.Post, id string) (fault *idFault) {
	p.ID = id
	switch p.Platform {
	case "telegram":
		r.ofChat(p)
	case "vk":
		r.ofWall(p)
	case "bluesky":
		r.ofRepository(p)
	case "reddit":
		r.ofReddit(p)
	}
	switch {
	case p.ID == "" && r.linksToPost(p.Platform):
		p.ID = collector.Clean(r.cell("url"))
	case p.ID == "":
		p.ID = contentID(*p)
	case !r.sound(p, id):
		fault = &idFault{faultLocal, p.ID}
		p.ID += strings.TrimPrefix(contentID(*p), "h")
	}
	return fault
}

// linksToPost tells whether the row's link can stand for the post's id: it is to a post and not to a page, and no two rows that
// were looked at have it with different texts.
func (r row) linksToPost(platform string) bool {
	u := r.cell("url")
	if platform == "x" || platform == "unknown" || platform == "reddit" || r.m["shared"] == "url" || hostPlatform(u) != platform {
		return false
	}
	_, path, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(u, "https://"), "http://"), "/")
	path = strings.Trim(path, "/")
	return strings.ContainsAny(path, "/?") || strings.ContainsAny(path, "0123456789")
}

// firstX is when X began to give ids that hold the time.
var firstX = time.Date(2010, 11, 4, 0, 0, 0, 0, time.UTC)

// sound tells whether an id can be the platform's own. cell is what the row has for one.
func (r row) sound(p *collector.Post, cell string) bool {
	shared := r.m["shared"] == "id" && p.ID == cell // with a chat before it, it is another
	switch p.Platform {
	case "unknown":
		return false
	case "reddit":
		return r.tool || !shared && redditOwn.MatchString(p.ID)
	case "x":
		return r.tool || !shared && (isX(p.ID) || isDigits(p.ID) && p.CreatedAt.Before(firstX))
	}
	return r.tool || !shared && (len(p.ID) > smallID || !isDigits(p.ID))
}

// ownID is the id, or that in the post's own link: for X if that agrees with the date and the id does not, since monitors
// number posts anew.
func (r row) ownID(id string) string {
	m := xStatus.FindStringSubmatch(r.cell("url"))
	switch {
	case m == nil || m[1] == id || r.dated(id):
		return id
	case r.when.err == errNoDate && !isX(id) || r.dated(m[1]):
		return m[1]
	}
	return id
}

// dated tells whether the time inside an id of X agrees with the date, in whatever order that has its day and month.
func (r row) dated(id string) bool {
	inID, ok := collector.SnowflakeTime(id)
	if !ok {
		return false
	}
	if r.when.err == nil && near(r.when.at, inID) {
		return true
	}
	if !dates.Slashed(r.cell("date")) {
		return r.when.err != nil && r.yearless(inID)
	}
	dmy, mdy := r.readDate("dmy"), r.readDate("mdy")
	return dmy.err == nil && near(dmy.at, inID) || mdy.err == nil && near(mdy.at, inID)
}

// yearless tells whether a date without a year is near a time, in that time's year.
func (r row) yearless(t time.Time) bool {
	s := r.cell("date")
	if s == "" || fullYear.MatchString(s) {
		return false
	}
	at, err := parseDate(s+t.Format(" 2006"), "")
	return err == nil && near(at, t)
}

var fullYear = regexp.MustCompile(`\d{4}`)

var tmeLink = regexp.MustCompile(`(?:^|[/.])t(?:elegram)?\.me/(?:s/)?(?:c/)?([A-Za-z0-9_]+)/(?:\d+/)?(\d+)`)

// ofChat puts the chat before the number that a message of Telegram has in it, as in other exports of Telegram. Both are in the
// message's link too, beside which a number can be the table's own.
func (r row) ofChat(p *collector.Post) {
	chat := telegram.ChatID(strings.TrimPrefix(r.key("chat"), "@"))
	if m := tmeLink.FindStringSubmatch(r.cell("url")); m != nil {
		p.ID = m[2]
		if !isDigits(chat) {
			chat = m[1]
		}
	}
	if chat == "" {
		return
	}
	for _, id := range []*string{&p.ID, &p.ReplyTo} {
		if isDigits(*id) {
			*id = chat + "/" + *id
		}
	}
	if p.Conversation == "" {
		p.Conversation = chat
	}
}

var vkLink = regexp.MustCompile(`wall(-?\d+_\d+)`)

// ofWall puts the wall before the number of a post of VK, as VK does.
func (r row) ofWall(p *collector.Post) {
	if m := vkLink.FindStringSubmatch(r.cell("url") + " " + p.ID); m != nil {
		p.ID = m[1]
	} else if wall := r.key("chat"); wall != "" && isDigits(p.ID) {
		p.ID = wall + "_" + p.ID
	}
}

var bskyLink = regexp.MustCompile(`bsky\.app/profile/([^/\s]+)/post/([a-z2-7]{13})`)

// ofRepository makes a post's uri of its author's did and its key.
func (r row) ofRepository(p *collector.Post) {
	if strings.HasPrefix(p.ID, "at://") {
		return
	}
	did, key := p.Author.ID, p.ID
	if m := bskyLink.FindStringSubmatch(r.cell("url") + " " + p.ID); m != nil {
		if key = m[2]; strings.HasPrefix(m[1], "did:") {
			did = m[1]
		}
	}
	if strings.HasPrefix(did, "did:") && len(key) == 13 {
		p.ID = "at://" + did + "/app.bsky.feed.post/" + key
	}
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
	faultLocal   = "local" // means something in its file only
	faultBare    = "bare"  // taken for one of X, and for the date, since nothing says otherwise
	faultDate    = "date"  // holds another time than the date beside it
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
	if len(id) > 5 && (id[0] == 'x' || id[0] == 'X') && isDigits(id[1:]) {
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
		if m := xStatus.FindStringSubmatch(id); m != nil { // a link
			return m[1], nil
		}
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

// wholeLink is a cell that is a link to a post of X and nothing else.
var wholeLink = regexp.MustCompile(`^https?://(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com/([^\s/]+)(?:/web)?/status(?:es)?/(\d+)(?:[/?#]\S*)?$`)

// linkedID is the id that a float has damaged, found again in a link to the post that some other cell is: all such links of the
// row that agree with what is left of the id, and with the author, must be to one post.
func (r row) linkedID(damaged string) (id string) {
	near, err := strconv.ParseFloat(strings.Replace(bareID(damaged), ",", ".", 1), 64)
	if err != nil {
		return ""
	}
	for _, c := range r.columns {
		switch c {
		case r.m["text"], r.m["urls"], r.m["quoted"], r.m["reposted"], r.m["reply_to"]:
			continue
		}
		m := wholeLink.FindStringSubmatch(strings.TrimSpace(r.get(c)))
		if m == nil {
			continue
		}
		n, _ := strconv.ParseFloat(m[2], 64)
		by, author := strings.ToLower(m[1]), strings.ToLower(strings.TrimPrefix(r.cell("handle"), "@"))
		switch {
		case n < near*0.99 || n > near*1.01 || by != "i" && author != "" && author != by:
		case id != "" && id != m[2]:
			return ""
		default:
			id = m[2]
		}
	}
	return id
}

// integer takes the .0 off a small number that a program has made a float of.
func integer(s string) string {
	if m := zeroID.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return s
}
