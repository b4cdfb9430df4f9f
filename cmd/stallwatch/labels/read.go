package labels

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"stallwatch/store"
)

// Options tell what a file does not say.
type Options struct {
	Coder    string             // who coded, where a record does not say; empty: such a record is an error
	At       time.Time          // when, likewise
	Codebook string             // hash of the codebook, likewise
	Allowed  func(string) error // says what is wrong with a label
}

// Failure is one record that could not be read, by its number from 1.
type Failure struct {
	Record int
	Err    error
}

// record has every member that is looked at in any shape.
type record struct {
	PostID      string                     `json:"post_id"`
	ID          json.RawMessage            `json:"id"`
	Instance    string                     `json:"instance_id"`
	Data        json.RawMessage            `json:"data"` // Label Studio: an object; doccano: sometimes the text
	Annotations []annotation               `json:"annotations"`
	Labels      map[string]json.RawMessage `json:"label_annotations"`
	Label       json.RawMessage            `json:"label"`
	OldLabels   json.RawMessage            `json:"labels"`
	Meta        json.RawMessage            `json:"meta"`
	Stance      json.RawMessage            `json:"stance"`
	Annotator   json.RawMessage            `json:"annotator"`
	User        string                     `json:"user_id"`
	Username    string                     `json:"username"`
	CreatedAt   string                     `json:"created_at"`
	Codebook    string                     `json:"codebook"`
	Note        string                     `json:"note"`
}

type annotation struct {
	CompletedBy json.RawMessage `json:"completed_by"`
	CreatedAt   string          `json:"created_at"`
	Cancelled   bool            `json:"was_cancelled"`
	Codebook    string          `json:"codebook"`
	Result      []struct {
		From  string `json:"from_name"`
		Type  string `json:"type"`
		Value struct {
			Choices []string        `json:"choices"`
			Text    json.RawMessage `json:"text"`
		} `json:"value"`
	} `json:"result"`
}

// Read reads what people said of posts: an array of records, or one record a line. A record without a label is no failure:
// nobody has coded it yet. unlabelled counts them.
func Read(r io.Reader, thesis string, o Options) (codings []store.Coding, failures []Failure, unlabelled int, err error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, nil, 0, err
	}
	n := 0
	one := func(value json.RawMessage) {
		n++
		found, err := readRecord(value, thesis, o)
		if err != nil {
			failures = append(failures, Failure{n, err})
		} else if len(found) == 0 {
			unlabelled++
		}
		codings = append(codings, found...)
	}
	raw = bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\ufeff")))
	if len(raw) > 0 && raw[0] == '[' {
		var all []json.RawMessage
		if err := json.Unmarshal(raw, &all); err != nil {
			return nil, nil, 0, err
		}
		for _, v := range all {
			one(v)
		}
		return codings, failures, unlabelled, nil
	}
	for line := range bytes.Lines(raw) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			one(line)
		}
	}
	return codings, failures, unlabelled, nil
}

var errNoPost = errors.New("no post_id such as x:1940812345678901234")

func readRecord(raw json.RawMessage, thesis string, o Options) (out []store.Coding, err error) {
	var r record
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, err
	}
	platform, id, ok := strings.Cut(r.postID(), ":")
	if !ok || platform == "" || id == "" {
		return nil, errNoPost
	}
	base := store.Coding{Platform: platform, ID: id, Thesis: thesis, Codebook: or(r.Codebook, o.Codebook), Note: r.Note}
	add := func(c store.Coding, labels []string, at string) error {
		if len(labels) == 0 {
			return nil
		}
		if len(labels) > 1 {
			return fmt.Errorf("%d labels where one is asked for: %s", len(labels), strings.Join(labels, ", "))
		}
		c.Label = strings.ToLower(strings.TrimSpace(labels[0]))
		if err := o.Allowed(c.Label); err != nil {
			return err
		}
		if c.Coder = or(c.Coder, o.Coder); c.Coder == "" {
			return errors.New("it does not say who coded: name the coder with --coder")
		}
		if c.At = o.At; at != "" {
			if c.At, err = time.Parse(time.RFC3339, at); err != nil {
				return fmt.Errorf("created_at: %w", err)
			}
		}
		c.At = c.At.UTC()
		out = append(out, c)
		return nil
	}
	for _, a := range r.Annotations {
		c := base
		c.Coder, c.Codebook = coderName(a.CompletedBy), or(a.Codebook, c.Codebook)
		var labels []string
		for _, x := range a.Result {
			if x.Type == "choices" && (x.From == field || len(a.Result) == 1) {
				labels = append(labels, x.Value.Choices...)
			}
			if x.Type == "textarea" {
				c.Note = strings.Join(texts(x.Value.Text), " ")
			}
		}
		if a.Cancelled {
			continue // skipped by the coder
		}
		if err := add(c, labels, a.CreatedAt); err != nil {
			return nil, err
		}
	}
	base.Coder = or(r.User, r.Username, coderName(r.Annotator))
	switch {
	case len(r.Annotations) > 0:
	case len(r.Labels) > 0:
		chosen, ok := r.Labels[field]
		if !ok && len(r.Labels) == 1 {
			for _, v := range r.Labels {
				chosen = v
			}
		}
		err = add(base, picked(chosen), r.CreatedAt)
	default:
		for _, v := range []json.RawMessage{r.Stance, r.Label, r.OldLabels} {
			if l := texts(v); len(l) > 0 {
				err = add(base, l, r.CreatedAt)
				break
			}
		}
	}
	return out, err
}

// postID looks where each tool keeps what a task came with.
func (r *record) postID() string {
	var inside struct {
		PostID string `json:"post_id"`
	}
	for _, raw := range []json.RawMessage{r.Data, r.Meta} {
		if json.Unmarshal(raw, &inside) == nil && inside.PostID != "" {
			return inside.PostID
		}
	}
	var id string
	_ = json.Unmarshal(r.ID, &id) // a number is a tool's own id
	return or(r.PostID, r.Instance, id)
}

// picked are the labels that Potato marks as chosen.
func picked(raw json.RawMessage) (out []string) {
	var m map[string]any
	if json.Unmarshal(raw, &m) != nil {
		return texts(raw)
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		switch v := m[name].(type) {
		case nil:
		case bool:
			if v {
				out = append(out, name)
			}
		case string:
			if v != "" && v != "0" && v != "false" {
				out = append(out, name)
			}
		default:
			if fmt.Sprint(v) != "0" {
				out = append(out, name)
			}
		}
	}
	return out
}

// texts reads a text, or a list of texts; what else stands there is nothing.
func texts(raw json.RawMessage) []string {
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	var one string
	if json.Unmarshal(raw, &one) == nil && one != "" {
		return []string{one}
	}
	return nil
}

// coderName reads who coded: a name, a number, or Label Studio's account.
func coderName(raw json.RawMessage) string {
	var name string
	if json.Unmarshal(raw, &name) == nil {
		return name
	}
	var n int64
	if json.Unmarshal(raw, &n) == nil && len(raw) > 0 {
		return "user " + strconv.FormatInt(n, 10)
	}
	var account struct {
		Email string `json:"email"`
		ID    *int64 `json:"id"`
	}
	if json.Unmarshal(raw, &account) == nil {
		if account.Email == "" && account.ID != nil {
			return "user " + strconv.FormatInt(*account.ID, 10)
		}
		return account.Email
	}
	return ""
}

func or(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
