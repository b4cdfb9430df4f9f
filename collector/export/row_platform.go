package export

import (
	"regexp"
	"strings"
	"time"

	"stallwatch/collector"
)

// platform is what the caller, the row or its columns' names say, or else x or weibo for ids whose inner time is the post's;
// "unknown" when nothing says it.
func (r row) platform(id string) string {
	if r.opt.Platform != "" {
		return r.opt.Platform
	}
	if p := platformName(r.cell("platform")); p != "" && (knownNetworks[p] || saysPlatform(r.m["platform"])) {
		return p
	}
	if strings.HasPrefix(id, "at://") || strings.HasPrefix(r.cell("author"), "did:") {
		return "bluesky"
	}
	if strings.HasPrefix(id, "Ug") && len(id) >= 26 {
		return "youtube"
	}
	if redditName.MatchString(id) || redditName.MatchString(r.cell("conversation")) || redditName.MatchString(r.cell("reply_to")) {
		return "reddit"
	}
	link := hostPlatform(r.cell("url"))
	switch of := r.m["of"]; {
	case of == "x" && id != "" && !isX(id) && link != "" && link != "x": // a name that many files have taken over
	case of == "x" && r.cell("id") == "" && r.m["id"] != "" && link != "x" &&
		!strings.Contains(squash(r.m["text"]), "tweet"): // of a monitor of several networks
	case of != "":
		return of
	}
	if link == "x" || isX(id) && r.dated(id) {
		return "x"
	}
	if link != "" {
		return link
	}
	if at, ok := idTime("weibo", id); ok && r.when.err == nil && near(at, r.when.at) {
		return "weibo"
	}
	if chat := r.key("chat"); chat != "" && len(id) <= smallID && isDigits(id) && !knownNetworks[platformName(chat)] {
		if squash(r.m["chat"]) == "ownerid" {
			return "vk"
		}
		return "telegram"
	}
	return "unknown"
}

// redditName is a name that Reddit gives comments and submissions.
var redditName = regexp.MustCompile(`^t[13]_[a-z0-9]{4,10}$`)

// knownNetworks are those whose names are known, as platformName writes them.
var knownNetworks = wordSet("x facebook instagram threads youtube tiktok reddit telegram vk weibo bluesky mastodon truthsocial linkedin gab gettr parler discord tumblr pinterest 4chan ok")

// saysPlatform tells whether a column of that name holds networks, be they known or not.
func saysPlatform(column string) bool {
	switch squash(column) {
	case "platform", "network", "socialnetwork", "sourceplatform":
		return true
	}
	return false
}

func platformName(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	switch s {
	case "twitter", "twitter.com", "x.com", "x (twitter)", "x/twitter", "twitter/x", "tweet", "tweets", "x (formerly twitter)":
		return "x"
	case "bsky", "bsky.app":
		return "bluesky"
	case "truthsocial.com", "truth", "truth social":
		return "truthsocial"
	case "t.me":
		return "telegram"
	case "vkontakte", "вконтакте", "вк":
		return "vk"
	case "fb", "fb.com":
		return "facebook"
	case "youtu.be":
		return "youtube"
	case "redd.it":
		return "reddit"
	case "weibo.cn", "sina weibo", "微博":
		return "weibo"
	}
	return collector.Clean(strings.TrimSuffix(strings.TrimSuffix(s, ".com"), ".net"))
}

// postHost finds the network of a link to a post. Networks to whose posts others link a lot count only where the link is to one
// post of theirs.
var postHost = regexp.MustCompile(`^(?:https?://)?(?:[a-z]{1,6}\.)?(x\.com|twitter\.com|bsky\.app|t\.me|reddit\.com|truthsocial\.com|threads\.net|threads\.com|facebook\.com|instagram\.com|vk\.com|gettr\.com|gab\.com|weibo\.com|weibo\.cn|tiktok\.com|linkedin\.com)/|^https?://(?:www\.)?(youtube\.com)/watch\?\S*lc=`)

func hostPlatform(u string) string {
	if u == "" {
		return ""
	}
	m := postHost.FindStringSubmatch(u)
	if m == nil {
		return ""
	}
	return platformName(m[1] + m[2])
}

// isX tells whether an id can be one that X has given since 2010: it holds a time that has been.
func isX(id string) bool {
	at, ok := collector.SnowflakeTime(id)
	return ok && at.Before(time.Now().Add(aDayOrTwo))
}

// isBareX tells whether an id alone can be taken for one of X: other networks have had ids as short as X's until July 2012.
func isBareX(id string) bool { return (len(id) == 19 || len(id) == 18 && id > "22") && isX(id) }

// weiboEpoch is the zero of Weibo's ids in Unix seconds: the upper bits of one, from the 22nd on, count from it.
const weiboEpoch = 515483463

// idTime is the time in an id of a network whose ids hold one: exact, and in UTC.
func idTime(platform, id string) (at time.Time, ok bool) {
	switch {
	case platform == "x" && isX(id):
		return collector.SnowflakeTime(id)
	case platform == "weibo" && len(id) == 16 && isDigits(id):
		var n int64
		for _, c := range []byte(id) {
			n = n*10 + int64(c-'0')
		}
		return time.Unix(n>>22+weiboEpoch, 0).UTC(), true
	}
	return at, false
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func permalink(platform, id string) string {
	if platform == "x" && isDigits(id) {
		return "https://x.com/i/web/status/" + id
	}
	return ""
}
