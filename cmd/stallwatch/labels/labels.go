// Package labels carries posts to annotation tools and what people said of them back: Label Studio, Potato and doccano.
//
// What goes out is a task for a coder who must not know what the model says: post_id and text. What comes back is told by its shape:
//
//	Label Studio, JSON       [{"data":{"post_id":…},"annotations":[{"completed_by":…,"created_at":…,"result":[{"type":"choices",…}]}]}]
//	Label Studio, JSON-MIN   [{"post_id":…,"stance":…,"annotator":…,"created_at":…}]
//	Potato                   {"id":…,"user_id":…,"label_annotations":{"stance":{"agree":"1"}}} a line
//	doccano                  {"post_id":…,"text":…,"label":["agree"],"username":…} a line
//
// Sources: labelstud.io/guide/task_format, the output of Potato 2.2 (annotated_instances.jsonl), doccano's issues 113, 1522 and 2041.
package labels

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"stallwatch/cmd/stallwatch/dataset"
	"stallwatch/store"
)

// Formats are the tools that are written for.
var Formats = []string{"labelstudio", "potato", "doccano"}

// Task is one post for a coder, with what was said of it, if that is to go out.
type Task struct {
	PostID, Text string
	Codings      []store.Coding
}

// NewTask is a record as a task. Codings go out only when asked for: coders are blind to each other.
func NewTask(r *store.Record, codings bool) Task {
	t := Task{PostID: dataset.ID(r.Post.Platform, r.Post.ID), Text: r.Post.Text}
	if codings {
		t.Codings = r.Codings
	}
	return t
}

// The shapes that are written; the reader has its own, which are wider.
type (
	studioTask struct {
		Data        map[string]string  `json:"data"`
		Annotations []studioAnnotation `json:"annotations,omitempty"`
	}
	studioAnnotation struct {
		CompletedBy studioCoder    `json:"completed_by"`
		CreatedAt   time.Time      `json:"created_at"`
		Codebook    string         `json:"codebook,omitempty"`
		Result      []studioResult `json:"result"`
	}
	studioCoder struct {
		Email string `json:"email"`
	}
	studioResult struct {
		From  string              `json:"from_name"`
		To    string              `json:"to_name"`
		Type  string              `json:"type"`
		Value map[string][]string `json:"value"`
	}
	potatoLine struct {
		ID       string                       `json:"id"`
		Text     string                       `json:"text"`
		User     string                       `json:"user_id,omitempty"`
		Labels   map[string]map[string]string `json:"label_annotations,omitempty"`
		At       *time.Time                   `json:"created_at,omitempty"`
		Codebook string                       `json:"codebook,omitempty"`
		Note     string                       `json:"note,omitempty"`
	}
	doccanoLine struct {
		Text     string     `json:"text"`
		Label    []string   `json:"label"`
		PostID   string     `json:"post_id"`
		User     string     `json:"username,omitempty"`
		At       *time.Time `json:"created_at,omitempty"`
		Codebook string     `json:"codebook,omitempty"`
		Note     string     `json:"note,omitempty"`
	}
)

// field is the name of the question, in every tool.
const field = "stance"

// Writer writes tasks for one tool. Close completes the file, not what is under it.
type Writer struct {
	format string
	w      *bufio.Writer
	n      int
}

// NewWriter begins a file of tasks.
func NewWriter(w io.Writer, format string) (*Writer, error) {
	for _, f := range Formats {
		if f == format {
			return &Writer{format: format, w: bufio.NewWriter(w)}, nil
		}
	}
	return nil, fmt.Errorf("%q is not one of %s", format, strings.Join(Formats, ", "))
}

// Write adds a task.
func (w *Writer) Write(t Task) error {
	switch w.format {
	case "labelstudio":
		return w.studio(t)
	case "potato":
		for i := 0; i == 0 || i < len(t.Codings); i++ {
			l := potatoLine{ID: t.PostID, Text: t.Text}
			if len(t.Codings) > 0 {
				c := t.Codings[i]
				l.User, l.At, l.Codebook, l.Note = c.Coder, &c.At, c.Codebook, c.Note
				l.Labels = map[string]map[string]string{field: {c.Label: "1"}}
			}
			if err := w.line(l); err != nil {
				return err
			}
		}
		return nil
	}
	for i := 0; i == 0 || i < len(t.Codings); i++ {
		l := doccanoLine{Text: t.Text, PostID: t.PostID, Label: []string{}}
		if len(t.Codings) > 0 {
			c := t.Codings[i]
			l.User, l.At, l.Codebook, l.Note, l.Label = c.Coder, &c.At, c.Codebook, c.Note, []string{c.Label}
		}
		if err := w.line(l); err != nil {
			return err
		}
	}
	return nil
}

func (w *Writer) studio(t Task) error {
	task := studioTask{Data: map[string]string{"post_id": t.PostID, "text": t.Text}}
	for _, c := range t.Codings {
		a := studioAnnotation{CompletedBy: studioCoder{c.Coder}, CreatedAt: c.At, Codebook: c.Codebook,
			Result: []studioResult{{field, "text", "choices", map[string][]string{"choices": {c.Label}}}}}
		if c.Note != "" {
			a.Result = append(a.Result, studioResult{"note", "text", "textarea", map[string][]string{"text": {c.Note}}})
		}
		task.Annotations = append(task.Annotations, a)
	}
	before := ",\n"
	if w.n == 0 {
		before = "[\n"
	}
	w.n++
	if _, err := w.w.WriteString(before); err != nil {
		return err
	}
	return w.line(task)
}

func (w *Writer) line(v any) error {
	e := json.NewEncoder(w.w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// Close ends the file.
func (w *Writer) Close() error {
	if w.format == "labelstudio" {
		if w.n == 0 {
			_, _ = w.w.WriteString("[") // Flush has the error
		}
		_, _ = w.w.WriteString("]\n")
	}
	return w.w.Flush()
}
