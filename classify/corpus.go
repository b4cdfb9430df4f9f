package classify

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Labelled is one line of train.jsonl, or of a file to evaluate on.
type Labelled struct {
	ID      string `json:"id"`
	Text    string `json:"text"`
	Stance  Stance `json:"stance"`
	Batch   string `json:"batch,omitempty"`   // who wrote it in one go: validation holds out whole batches
	Voice   string `json:"voice,omitempty"`   // in what manner
	Stratum string `json:"stratum,omitempty"` // how it was drawn, in evaluation files
	Lang    string `json:"lang,omitempty"`
}

// maxLine bounds one line of a labelled file.
const maxLine = 4 << 20

// ReadLabelled reads lines of JSON with id, text and stance. All bad lines are reported together, by number.
func ReadLabelled(r io.Reader, name string) (out []Labelled, err error) {
	var errs []error
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, maxLine)
	n := 1
	for ; sc.Scan(); n++ {
		line := bytes.TrimSpace(sc.Bytes())
		if len(line) == 0 {
			continue
		}
		var l struct {
			Labelled
			Stance *Stance `json:"stance"`
		}
		err := json.Unmarshal(line, &l)
		switch {
		case err == nil && l.Stance == nil:
			err = errors.New("stance is missing")
		case err == nil && strings.TrimSpace(l.Text) == "":
			err = errors.New("text is missing")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %w", name, n, err))
			continue
		}
		l.Labelled.Stance = *l.Stance
		out = append(out, l.Labelled)
	}
	if err := sc.Err(); err != nil {
		errs = append(errs, fmt.Errorf("%s:%d: %w", name, n, err))
	}
	return out, errors.Join(errs...)
}

// Corpus reads the thesis's train.jsonl.
func (t *Thesis) Corpus() ([]Labelled, error) {
	raw, err := t.File("train.jsonl")
	if err != nil {
		return nil, err
	}
	posts, err := ReadLabelled(bytes.NewReader(raw), "train.jsonl")
	if err != nil {
		return nil, fmt.Errorf("thesis %s: %w", t.ID, err)
	}
	return posts, nil
}
