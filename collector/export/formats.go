package export

import (
	"slices"
	"strings"
)

// FormatInfo describes one format that is read.
type FormatInfo struct{ Name, What, RecognisedBy string }

// Formats lists what can be read, in the order in which it is looked for.
func Formats() []FormatInfo {
	var all []FormatInfo
	for _, j := range slices.Concat(jsonFormats, networks, []jsonFormat{genericJSON}) {
		all = append(all, FormatInfo{j.name, j.what, j.by})
	}
	for _, k := range slices.Concat(kinds, toolKinds) {
		all = append(all, FormatInfo{k.name, k.what, "the columns " + strings.Join(k.has, ", ")})
	}
	for _, k := range networkKinds {
		all = append(all, FormatInfo{k.name, k.what, "the columns, or members of JSON, " + strings.Join(k.has, ", ")})
	}
	return append(all, FormatInfo{"discord", "a channel's messages, as DiscordChatExporter writes them", "guild and channel before messages"},
		FormatInfo{"x archive tweets", "the archive X gives an account's owner: the zip, or tweets.js with its neighbours",
			"window.YTD.<name>.part<n> ="},
		FormatInfo{jsonColumnKind.name, jsonColumnKind.what, "the cells themselves"},
		FormatInfo{genericKind.name, genericKind.what, "a column named, or filled, like one of text, id, date"})
}
