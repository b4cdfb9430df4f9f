package export

import (
	"bytes"
	"slices"

	"stallwatch/collector"
)

// rowsOf finds the table that an object is: column by column, as {"id":{"0":1,"1":2},"text":{"0":"a","1":"b"}} of pandas' or
// {"id":[1,2],"text":["a","b"]} of R's, or a list of names and a list of rows, as SQL's servers, Google's sheets and pandas'
// split write it. It answers with an object a row; nil when there is none.
func rowsOf(o collector.Object) [][]byte {
	if rows := matrix(o); rows != nil {
		return rows
	}
	if len(o) < 2 || !slices.ContainsFunc(o, func(e collector.Entry) bool { return isNameOf("text", string(e.Key)) }) {
		return nil
	}
	var index, rows [][]byte
	for i := range o {
		keys, cells := members(o[i].Value)
		if keys == nil {
			cells = elements(o[i].Value)
		}
		switch {
		case len(cells) == 0, i > 0 && (len(cells) != len(rows) || !slices.EqualFunc(keys, index, bytes.Equal)):
			return nil
		case i == 0:
			index, rows = keys, make([][]byte, len(cells))
		}
		for r, c := range cells {
			rows[r] = appendMember(rows[r], o[i].Key, c)
		}
	}
	return closed(rows)
}

// matrix is rowsOf for rows that are lists.
func matrix(o collector.Object) [][]byte {
	var header, rows [][]byte
	for i := range o {
		switch squash(string(o[i].Key)) {
		case "columns", "fields", "header", "headers", "names":
			header = elements(o[i].Value)
		case "data", "rows", "values", "records":
			rows = elements(o[i].Value)
		}
	}
	if len(rows) == 0 || !isList(rows[0]) {
		return nil
	}
	if header == nil {
		header, rows = elements(rows[0]), rows[1:]
	}
	for i, h := range header {
		for _, name := range []string{"name", "label", "id"} {
			if v := collector.Member(h, name); isObject(h) && isText(v) {
				header[i] = v
				break
			}
		}
		if !isText(header[i]) {
			return nil
		}
	}
	var out [][]byte
	for _, r := range rows {
		var row []byte
		for i, c := range elements(r) {
			if i < len(header) {
				row = appendMember(row, header[i][1:len(header[i])-1], c)
			}
		}
		if row != nil {
			out = append(out, row)
		}
	}
	return closed(out)
}

func appendMember(row, name, value []byte) []byte {
	return append(append(append(append(row, `,"`...), name...), `":`...), value...)
}

// closed makes objects of rows of members.
func closed(rows [][]byte) [][]byte {
	for r := range rows {
		rows[r][0] = '{'
		rows[r] = append(rows[r], '}')
	}
	return rows
}

// listOf makes a list of values.
func listOf(values [][]byte) []byte {
	return slices.Concat([]byte("["), bytes.Join(values, []byte(",")), []byte("]"))
}

// members are the keys and values of an object of MaxMembers at most, nil of anything else.
func members(raw []byte) (keys, values [][]byte) {
	if len(raw) == 0 || raw[0] != '{' {
		return nil, nil
	}
	if _, err := collector.Members(raw, func(k, v []byte) bool {
		keys, values = append(keys, k), append(values, v)
		return len(keys) <= collector.MaxMembers
	}); err != nil || len(keys) > collector.MaxMembers {
		return nil, nil
	}
	return keys, values
}

// elements are those of an array of MaxMembers at most, nil of anything else.
func elements(raw []byte) (out [][]byte) {
	if len(raw) == 0 || raw[0] != '[' {
		return nil
	}
	if _, err := collector.Elements(raw, func(e []byte) bool {
		out = append(out, e)
		return len(out) <= collector.MaxMembers
	}); err != nil || len(out) > collector.MaxMembers {
		return nil
	}
	return out
}
