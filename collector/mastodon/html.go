package mastodon

import (
	"io"
	"strings"

	"golang.org/x/net/html"

	"stallwatch/collector"
)

// Plain makes text of a status's HTML: paragraphs are parted by a blank line, <br> is a line end, tags go, entities are
// undone. Links are whole again that way, because Mastodon hides their ends in spans and shows the … by style alone. The
// paragraph that older servers need to show a quote ("RE: link") is left out. links are the targets of all links but
// mentions and hashtags.
func Plain(content string) (text string, links []string) {
	var s strings.Builder
	z := html.NewTokenizer(strings.NewReader(content))
	z.SetMaxBuf(1 << 20)
	quote := "" // the tag that stands in for a quote, while inside it
	depth := 0  // of that tag inside itself
	for {
		switch z.Next() {
		case html.ErrorToken:
			if z.Err() != io.EOF {
				s.Write(z.Raw())
			}
			return strings.TrimSpace(collector.Clean(s.String())), links
		case html.TextToken:
			if quote == "" {
				s.Write(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			tag := string(name)
			class, href := attributes(z, more)
			switch {
			case quote != "":
				if tag == quote {
					depth++
				}
			case strings.Contains(class, "quote-inline"):
				quote, depth = tag, 1
			case tag == "br":
				s.WriteByte('\n')
			case tag == "p" || tag == "blockquote" || tag == "ul" || tag == "ol" || tag == "pre":
				paragraph(&s)
			case tag == "li":
				s.WriteString("\n")
			case tag == "a" && href != "" && !strings.Contains(class, "mention") && !strings.Contains(class, "hashtag"):
				links = collector.AddURL(links, href)
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); quote != "" && string(name) == quote {
				if depth--; depth == 0 {
					quote = ""
				}
			}
		}
	}
}

// paragraph begins one, unless the text has not begun.
func paragraph(s *strings.Builder) {
	if s.Len() > 0 && !strings.HasSuffix(s.String(), "\n\n") {
		s.WriteString("\n\n")
	}
}

func attributes(z *html.Tokenizer, more bool) (class, href string) {
	for more {
		var k, v []byte
		k, v, more = z.TagAttr()
		switch string(k) {
		case "class":
			class = string(v)
		case "href":
			href = string(v)
		}
	}
	return class, href
}
