package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

//go:embed static
var staticFiles embed.FS

// assets are the static files by the name they are served under, which holds a hash of their bytes: they never change.
type assets struct {
	files map[string][]byte
	names map[string]string // served name by file name
}

func loadAssets() assets {
	a := assets{files: map[string][]byte{}, names: map[string]string{}}
	entries, _ := fs.ReadDir(staticFiles, "static") // unreachable: the folder is embedded
	for _, e := range entries {
		b, _ := staticFiles.ReadFile("static/" + e.Name())
		sum := sha256.Sum256(b)
		ext := path.Ext(e.Name())
		served := strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(sum[:6]) + ext
		a.files[served], a.names[e.Name()] = b, served
	}
	return a
}

// url is the address of a static file.
func (a assets) url(name string) string { return "/static/" + a.names[name] }

func (a assets) serve(w http.ResponseWriter, r *http.Request) {
	b, ok := a.files[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	contentType := "text/css; charset=utf-8"
	if strings.HasSuffix(r.URL.Path, ".svg") {
		contentType = "image/svg+xml"
	}
	send(w, http.StatusOK, contentType, b)
}
