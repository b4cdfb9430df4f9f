package collector_test

import (
	"testing"

	"stallwatch/collector"
)

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{
		"a &amp; b &lt;3 &gt;&quot;&#39;&#x27;":         `a & b <3 >"''`,
		"&amp;lt;":                                      "&lt;",
		"?id=5&timestamp=77&region=RU&section=2&copy=1": "?id=5&timestamp=77&region=RU&section=2&copy=1",
		"&timestamp; &nosuch; R&D; &;&":                 "&timestamp; &nosuch; R&D; &;&",
		"&nbsp;&semi;&#59;&ampersand":                   "\u00a0;;&ampersand",
		"&CounterClockwiseContourIntegral;":             "∳",
		"&#0;&#xD800;\xff":                              "\uFFFD\uFFFD\uFFFD",
		"":                                              "",
	} {
		if got := collector.Unescape(in); got != want {
			t.Errorf("Unescape(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLanguage(t *testing.T) {
	for in, want := range map[string]string{
		"en": "en", "en-US": "en-US", "und": "", "qme": "", "English": "en", "GERMAN": "de", "Farsi (Persian)": "fa",
		"LANGUAGE UNDEFINED": "", "Klingon": "Klingon", "": "",
	} {
		if got := collector.Language(in); got != want {
			t.Errorf("Language(%q) = %q, want %q", in, got, want)
		}
	}
}
