package export

import (
	"bytes"
	"encoding/base64"
	"time"

	"stallwatch/collector"
	"stallwatch/collector/bluesky"
	"stallwatch/collector/mastodon"
	"stallwatch/collector/xweb"
)

// A HAR (HTTP Archive 1.2, http://www.softwareishard.com/blog/har-12-spec/) is what a browser's network tab saves:
// {"log":{"entries":[{"startedDateTime":…,"request":{"url":…},"response":{"content":{"text":…,"encoding":"base64"}}}]}}.
// The envelope frames its entries one by one. Those that brought posts are read, the others are one skip each.

// decodeHAR reads one entry. Cookies and headers, which are secrets, are not looked at.
func decodeHAR(v *jsonValue) (collector.Batch, error) {
	body := harBody(v.raw)
	b, known, err := decodeAnswer(body)
	if !known {
		return collector.Skipped(collector.SkipTraffic), nil
	}
	if at, ok := collector.Time(collector.Member(v.raw, "startedDateTime")); ok {
		for i := range b.Posts {
			b.Posts[i].Observed = at.Truncate(time.Millisecond)
		}
	}
	return b, err
}

// harBody is what the server answered, if that was JSON.
func harBody(entry []byte) []byte {
	content := collector.Member(collector.Member(entry, "response"), "content")
	text := collector.Text(collector.Member(content, "text"))
	if collector.Text(collector.Member(content, "encoding")) == "base64" {
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil
		}
		text = string(raw)
	}
	if body := bytes.TrimSpace([]byte(text)); len(body) > 1 && (body[0] == '{' || body[0] == '[') {
		return body
	}
	return nil
}

// decodeAnswer reads what a network's web client was sent; known is false for what holds no posts, such as settings.
func decodeAnswer(body []byte) (b collector.Batch, known bool, err error) {
	if len(body) == 0 {
		return b, false, nil
	}
	if body[0] == '[' {
		_, err = collector.Elements(body, func(el []byte) bool {
			one, ok, _ := decodeAnswer(el)
			b.Posts, b.Deletes, known = append(b.Posts, one.Posts...), append(b.Deletes, one.Deletes...), known || ok
			b.Skips, b.Failures = append(b.Skips, one.Skips...), append(b.Failures, one.Failures...)
			return ok
		})
		return b, known, err
	}
	if data := collector.Member(body, "data"); xweb.IsTimeline(data) {
		return xweb.DecodeTimeline(data), true, nil
	}
	obj, _, err := collector.ParseObject(body, nil, nil)
	if err != nil {
		return b, false, nil
	}
	switch {
	case isMastodon(obj):
		b, err = mastodon.Decode(body)
	case isViews(obj), isAtProto(obj):
		b, err = bluesky.Decode(body)
	default:
		return b, false, nil
	}
	return b, true, err
}
