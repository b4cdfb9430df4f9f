package xfake

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// job is a batch compliance job. It is complete the second time it is asked for.
type job struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Status string `json:"status"`
	Up     string `json:"upload_url"`
	Down   string `json:"download_url"`
	ids    []string
	asked  int
}

func (s *Server) compliance(w http.ResponseWriter, r *http.Request, now time.Time) {
	const path = "/2/compliance/jobs"
	switch {
	case r.Method == http.MethodPost && r.URL.Path == path:
		var in struct{ Type, Name string }
		if json.NewDecoder(r.Body).Decode(&in) != nil || in.Type != "tweets" {
			invalid(w, "type must be tweets")
			return
		}
		id := fmt.Sprint(len(s.jobs) + 1)
		base := "http://" + r.Host + "/storage/" + id
		s.jobs[id] = &job{ID: id, Name: in.Name, Status: "created", Up: base + "?signed=up", Down: base + "?signed=down"}
		json.NewEncoder(w).Encode(map[string]any{"data": s.jobs[id]})
	case s.jobs[strings.TrimPrefix(r.URL.Path, path+"/")] != nil:
		j := s.jobs[strings.TrimPrefix(r.URL.Path, path+"/")]
		if j.asked++; j.ids != nil {
			j.Status = "in_progress"
			if j.asked > 1 {
				j.Status = "complete"
			}
		}
		json.NewEncoder(w).Encode(map[string]any{"data": j})
	default:
		problem(w, 404, "about:blank", "Not Found", "Not Found")
	}
}

// storage takes the ids of a job and gives its result: each third id has been deleted.
func (s *Server) storage(w http.ResponseWriter, r *http.Request) {
	j := s.jobs[strings.TrimPrefix(r.URL.Path, "/storage/")]
	if j == nil || r.Header.Get("Authorization") != "" {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if r.Method == http.MethodPut {
		for sc := bufio.NewScanner(r.Body); sc.Scan(); {
			j.ids = append(j.ids, sc.Text())
		}
		return
	}
	for i, id := range j.ids {
		if i%3 == 0 {
			fmt.Fprintf(w, `{"id":"%s","action":"delete","created_at":"2025-07-01T00:00:00Z","redacted_at":"2026-01-01T00:00:00Z","reason":"deleted"}`+"\n", id)
		}
	}
}
