package dataset

import (
	"stallwatch/classify"
	"stallwatch/store"
)

// Field is a column in the words of Frictionless Data's Table Schema (specs.frictionlessdata.io/table-schema).
type Field struct {
	Name        string       `json:"name"`
	Type        string       `json:"type"`
	Format      string       `json:"format,omitempty"`
	Description string       `json:"description"`
	Constraints *Constraints `json:"constraints,omitempty"`
}

// Constraints are what every value of a column keeps to.
type Constraints struct {
	Required bool     `json:"required,omitempty"`
	Unique   bool     `json:"unique,omitempty"`
	Enum     []string `json:"enum,omitempty"`
	Minimum  *float64 `json:"minimum,omitempty"`
	Maximum  *float64 `json:"maximum,omitempty"`
}

// Schema is the data dictionary of a table.
type Schema struct {
	Fields        []Field  `json:"fields"`
	MissingValues []string `json:"missingValues"`
	PrimaryKey    string   `json:"primaryKey,omitempty"`
}

// NewSchema is the schema of the tables this package writes.
func NewSchema(text bool) Schema {
	s := Schema{MissingValues: []string{""}, PrimaryKey: "post_id"}
	zero, one := 0.0, 1.0
	constraints := map[string]*Constraints{
		"post_id":        {Required: true, Unique: true},
		"platform":       {Required: true},
		"created_at":     {Required: true},
		"kind":           {Required: true, Enum: []string{"original", "reply", "quote", "repost"}},
		"not_classified": {Enum: []string{string(classify.AbstainLanguage), string(classify.AbstainUnsure), string(classify.AbstainNoText), string(store.AbstainLost)}},
		"stance":         {Enum: []string{classify.Agree.String(), classify.Disagree.String(), classify.Discuss.String(), classify.Unrelated.String()}},
		"model":          {Required: true},
	}
	for _, c := range Columns(text) {
		f := Field{Name: c.Name, Type: c.Type, Description: c.Description, Constraints: constraints[c.Name]}
		if c.Type == "datetime" {
			f.Format = "%Y-%m-%dT%H:%M:%S.%fZ"
		}
		if c.Type == "number" {
			f.Constraints = &Constraints{Minimum: &zero, Maximum: &one}
		}
		s.Fields = append(s.Fields, f)
	}
	return s
}
