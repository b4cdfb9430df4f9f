package labels

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stallwatch/store"
)

var (
	at     = time.Date(2025, 7, 4, 9, 0, 0, 0, time.UTC)
	coded  = store.Coding{Platform: "x", ID: "1940812345678901234", Thesis: "t", Coder: "anna@example.org", Label: "agree", Codebook: "abc", At: at, Note: "clear"}
	second = store.Coding{Platform: "x", ID: "1940812345678901234", Thesis: "t", Coder: "ben", Label: "discuss", Codebook: "abc", At: at.Add(time.Hour)}
)

func options() Options {
	return Options{Allowed: func(l string) error {
		if l == "agree" || l == "discuss" {
			return nil
		}
		return errors.New("no such label")
	}}
}

// TestRoundTrip: what goes out to a tool with its labels comes back as the same codings.
func TestRoundTrip(t *testing.T) {
	for _, format := range Formats {
		var b bytes.Buffer
		w, err := NewWriter(&b, format)
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range []Task{{PostID: "x:1940812345678901234", Text: "one\n\"two\" <3", Codings: []store.Coding{coded, second}}, {PostID: "bluesky:at://a/b", Text: "none"}} {
			if err := w.Write(task); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got, failures, unlabelled, err := Read(&b, "t", options())
		if err != nil || len(failures) > 0 || unlabelled != 1 {
			t.Errorf("%s: %v, failures %v, %d without a label, want 1", format, err, failures, unlabelled)
		}
		if diff := cmp.Diff([]store.Coding{coded, second}, got); diff != "" {
			t.Errorf("%s: %s", format, diff)
		}
	}
}

// TestTools reads records as the tools write them, in the shapes their own documents and threads show.
func TestTools(t *testing.T) {
	base := store.Coding{Platform: "x", ID: "19", Thesis: "t", Label: "agree", At: at, Codebook: "now"}
	with := func(coder string) []store.Coding {
		c := base
		c.Coder = coder
		return []store.Coding{c}
	}
	for name, c := range map[string]struct {
		in   string
		want []store.Coding
	}{
		"label studio": {`[{"id":1,"data":{"text":"w","post_id":"x:19"},"annotations":[{"id":1001,"completed_by":10,"was_cancelled":false,"created_at":"2025-07-04T09:00:00.000000Z","lead_time":4.2,
			"result":[{"id":"Dx","from_name":"stance","to_name":"text","type":"choices","origin":"manual","value":{"choices":["Agree"]}}]}],"predictions":[]}]`, with("user 10")},
		"label studio, account":   {`[{"data":{"post_id":"x:19"},"annotations":[{"completed_by":{"id":3,"email":"a@b.c","first_name":""},"created_at":"2025-07-04T11:00:00+02:00","result":[{"from_name":"q","to_name":"t","type":"choices","value":{"choices":["agree"]}}]}]}]`, with("a@b.c")},
		"label studio, skipped":   {`[{"data":{"post_id":"x:19"},"annotations":[{"completed_by":1,"was_cancelled":true,"created_at":"2025-07-04T09:00:00Z","result":[{"from_name":"stance","type":"choices","value":{"choices":["agree"]}}]}]}]`, nil},
		"label studio, min":       {`[{"id":5,"post_id":"x:19","text":"w","stance":"agree","annotator":2,"annotation_id":7,"created_at":"2025-07-04T09:00:00Z","updated_at":"2025-07-04T09:00:01Z"}]`, with("user 2")},
		"potato":                  {`{"id": "x:19", "displayed_text": "w", "label_annotations": {"stance": {"agree": "1"}}, "span_annotations": {}, "behavioral_data": {"time_string": "5"}}`, with("given")},
		"potato, every label":     {`{"user_id":"ann","instance_id":"x:19","label_annotations":{"categories":{"agree":true,"discuss":false}},"span_annotations":[]}`, with("ann")},
		"doccano":                 {`{"id": 20, "text": "w", "post_id": "x:19", "label": ["agree"], "Comments": []}`, with("given")},
		"doccano, old":            {`{"doc_id": 20, "text": "w", "meta": {"post_id": "x:19"}, "labels": ["agree"], "username": "admin"}`, with("admin")},
		"doccano, text in data":   {`{"id": 10, "data": "It makes …", "label": ["agree"], "post_id": "x:19"}`, with("given")},
		"doccano, not coded":      {`{"id": 20, "text": "w", "post_id": "x:19", "label": []}`, nil},
		"byte order mark, blanks": {"\ufeff\r\n" + `{"post_id":"x:19","label":"agree"}` + "\r\n\r\n", with("given")},
	} {
		o := options()
		o.Coder, o.At, o.Codebook = "given", at, "now"
		got, failures, _, err := Read(strings.NewReader(c.in), "t", o)
		if err != nil || len(failures) > 0 {
			t.Errorf("%s: %v %v", name, err, failures)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestBadRecords: each costs itself alone.
func TestBadRecords(t *testing.T) {
	in := strings.Join([]string{`{"post_id":"x:1","label":["agree"],"username":"a"}`, `{"label":["agree"],"username":"a"}`, `{"post_id":"19","label":["agree"],"username":"a"}`, `{"post_id":"x:1","label":["agree"]}`,
		`{"post_id":"x:1","label":["agree","discuss"],"username":"a"}`, `{"post_id":"x:1","label":["maybe"],"username":"a"}`, `{"post_id":"x:1","label":["agree"],"username":"a","created_at":"yesterday"}`,
		`{"post_id":`, `7`, `{"post_id":"x:2","label":["discuss"],"username":"b"}`}, "\n")
	got, failures, _, err := Read(strings.NewReader(in), "t", options())
	if err != nil || len(got) != 2 || len(failures) != 8 {
		t.Fatalf("%v: %d codings, failures %v", err, len(got), failures)
	}
	for i, want := range []string{"no post_id", "no post_id", "--coder", "2 labels", "no such label", "created_at", "unexpected end", "cannot unmarshal"} {
		if failures[i].Record != i+2 || !strings.Contains(failures[i].Err.Error(), want) {
			t.Errorf("failure %d: record %d: %v, want record %d: %s", i, failures[i].Record, failures[i].Err, i+2, want)
		}
	}
	if _, _, _, err := Read(strings.NewReader(`[{"post_id":`), "t", options()); err == nil {
		t.Error("a cut array was read")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`[{"data":{"post_id":"x:1"},"annotations":[{"completed_by":{},"result":[{"type":"choices","value":{"choices":["agree"]}}]}]}]`)
	f.Add(`{"id":"x:1","label_annotations":{"stance":{"agree":1}}}`)
	f.Fuzz(func(t *testing.T, in string) {
		o := options()
		o.Coder = "c"
		codings, _, _, _ := Read(strings.NewReader(in), "t", o)
		for _, c := range codings {
			if c.Platform == "" || c.ID == "" || c.Coder == "" || o.Allowed(c.Label) != nil {
				t.Errorf("%+v", c)
			}
		}
	})
}
