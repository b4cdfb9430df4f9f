package export

import (
	"cmp"
	"regexp"
	"stallwatch/collector"
	"strings"
	"time"
)

// saysX tells whether something else than the id says that the post is of X.
func (r row) saysX() bool {
	return r.opt.Platform == "x" || r.opt.Platform == "" && (cmp.Or(platformName(r.cell("platform")), hostPlatform(r.cell("url"))) == "x" || strings.Contains(squash(r.m["id"]), "tweet"))
}

// platform is what the caller or the row says, or else x for ids whose inner time is the post's.
func (r row) platform(id string, at time.Time) string {
	if r.opt.Platform != "" {
		return r.opt.Platform
	}
	if p := platformName(r.cell("platform")); p != "" {
		return p
	}
	if p := hostPlatform(r.cell("url")); p != "" {
		return p
	}
	if strings.HasPrefix(id, "at://") {
		return "bluesky"
	}
	if c := squash(r.m["chat"]); strings.HasPrefix(c, "peerid") || strings.HasPrefix(c, "toid") || c != "" && squash(r.m["reposts"]) == "forwards" { // as Telethon calls it
		return "telegram"
	}
	if inID, ok := collector.SnowflakeTime(id); ok && near(at, inID) {
		return "x"
	}
	return "unknown"
}

func platformName(s string) string {
	s = strings.ToLower(s)
	switch s {
	case "twitter", "twitter.com", "x.com", "x (twitter)", "x/twitter":
		return "x"
	case "bsky", "bsky.app":
		return "bluesky"
	case "truthsocial.com", "truth", "truth social":
		return "truthsocial"
	case "t.me":
		return "telegram"
	}
	return collector.Clean(strings.TrimSuffix(strings.TrimSuffix(s, ".com"), ".net"))
}

var postHost = regexp.MustCompile(`^https?://(?:www\.|mobile\.|old\.)?(x\.com|twitter\.com|bsky\.app|t\.me|reddit\.com|truthsocial\.com|threads\.net|facebook\.com|instagram\.com|vk\.com|gettr\.com|gab\.com)/`)

func hostPlatform(u string) string {
	if m := postHost.FindStringSubmatch(u); m != nil {
		return platformName(m[1])
	}
	return ""
}

func permalink(platform, id string) string {
	if platform == "x" && !strings.HasPrefix(id, "h:") {
		return "https://x.com/i/web/status/" + id
	}
	return ""
}
