package export

import (
	"bytes"
	stdjson "encoding/json"
	"io"
	"slices"
	"strconv"
	"time"

	"stallwatch/collector"
)

// isExtended tells whether head begins a dump of MongoDB's, in its Extended JSON.
func isExtended(head []byte) bool {
	for _, word := range []string{`"$oid"`, `"$date"`, `"$numberLong"`, `"$numberInt"`} {
		if bytes.Contains(head, []byte(word)) {
			return true
		}
	}
	return false
}

// plainJSON writes what MongoDB's Extended JSON says in plain JSON, and leaves out the ids that the database has given. What
// is broken stays as it is.
func plainJSON(raw []byte) []byte {
	var out bytes.Buffer
	d, e := stdjson.NewDecoder(bytes.NewReader(raw)), stdjson.NewEncoder(&out)
	d.UseNumber()
	e.SetEscapeHTML(false)
	for {
		var v any
		err := d.Decode(&v)
		if err == io.EOF {
			return out.Bytes()
		}
		if err != nil || e.Encode(plainValue(v)) != nil {
			return raw
		}
	}
}

// isTyped tells whether members of an object are objects that say of what type a value is, as MongoDB, DynamoDB and Firestore
// write them.
func isTyped(o collector.Object) bool {
	for i := range o {
		if fits(o[i].Value, func(m collector.Object) bool {
			return len(m) == 1 && slices.Contains(types, string(m[0].Key)) && isText(m[0].Value)
		}) {
			return true
		}
	}
	return false
}

var types = []string{"$oid", "$date", "$numberLong", "$numberInt", "S", "N", "stringValue", "integerValue", "timestampValue"}

func plainValue(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = plainValue(v[i])
		}
	case map[string]any:
		for k, e := range v {
			if e = plainValue(e); e == objectID {
				delete(v, k)
				continue
			}
			if v[k] = e; len(v) == 1 {
				return scalar(v, k, e)
			}
		}
	}
	return v
}

// objectID stands for an id of the database's.
var objectID any = struct{}{}

// scalar is what object says, whose only member is of a type of MongoDB's.
func scalar(object map[string]any, kind string, v any) any {
	number, _ := v.(stdjson.Number)
	s, _ := v.(string)
	switch kind {
	case "$oid":
		return objectID
	case "$numberLong", "$numberInt":
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return n
		}
		return v
	case "$date":
		if ms, err := number.Int64(); err == nil {
			return time.UnixMilli(ms).UTC().Format(time.RFC3339Nano)
		}
		if ms, ok := v.(int64); ok {
			return time.UnixMilli(ms).UTC().Format(time.RFC3339Nano)
		}
		return v
	case "$numberDouble", "$numberDecimal", "M", "L", "BOOL", "stringValue", "timestampValue", "doubleValue", "booleanValue", "mapValue",
		"arrayValue":
		return v
	case "S", "N", "integerValue":
		if _, ok := v.(string); ok {
			return v
		}
	case "fields", "values": // of Firestore's maps and lists
		return v
	}
	return object
}

// withoutNaN writes null for the NaN and Infinity of Python's JSON, nil when there are none outside strings.
func withoutNaN(raw []byte) []byte {
	var out []byte
	from := 0
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			for i++; i < len(raw) && raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++
				}
			}
		case 'N', 'I', '-':
			for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
				if bytes.HasPrefix(raw[i:], []byte(word)) {
					out = append(append(out, raw[from:i]...), "null"...)
					from = i + len(word)
					i = from - 1
					break
				}
			}
		}
	}
	if out == nil {
		return nil
	}
	return append(out, raw[from:]...)
}
