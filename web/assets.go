package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"slices"
	"strings"
)

//go:embed static
var staticFiles embed.FS

var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// assets are the static files by the name they are served under, which holds a hash of their bytes: they never change.
type assets struct {
	files map[string]*answer
	names map[string]string // served name by file name
}

func loadAssets() assets {
	a := assets{files: map[string]*answer{}, names: map[string]string{}}
	for name, b := range map[string][]byte{"style.css": styleSheet(), "page.js": static("page.js"), "icon.svg": static("icon.svg")} {
		sum := sha256.Sum256(b)
		ext := path.Ext(name)
		served := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		a.files[served] = newAnswer(contentTypes[ext], b).with("Cache-Control", "public, max-age=31536000, immutable")
		a.names[name] = served
	}
	return a
}

// styleSheet is one file of three: colours, page, charts.
func styleSheet() []byte {
	return slices.Concat(static("colours.css"), static("style.css"), static("chart.css"))
}

func static(name string) []byte {
	b, _ := staticFiles.ReadFile("static/" + name) // unreachable: the files are embedded, and a test loads each
	return b
}

// url is the address of a static file.
func (a assets) url(name string) string { return "/static/" + a.names[name] }

func (a assets) serve(w http.ResponseWriter, r *http.Request) {
	b, ok := a.files[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	b.send(w, r)
}
