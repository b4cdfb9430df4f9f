package export

import (
	"io"
	"slices"
	"strconv"
)

// orderAhead is how much of a table is looked at to learn the order of day and month. It does not depend on where an import is
// taken up again.
const orderAhead = 4 << 20

// settleOrder looks through the beginning of a table whose dates are such as 03/04/2025. One such as 25/04/2025 says what all
// of them are, unless another says otherwise.
func (t *table) settleOrder(csv *csvReader, sample []sampled, name string) {
	column, ok := t.index[t.m["date"]]
	slashed := func(s sampled) bool { return column < len(s.fields) && slashDate.MatchString(s.fields[column]) }
	if t.kind != &genericKind || !ok || t.file.opt.Map["date_order"] != "" || !slices.ContainsFunc(sample, slashed) {
		return
	}
	for len(csv.w.rest()) < orderAhead && csv.w.fill() {
	}
	b := csv.w.rest()
	b = b[:min(len(b), orderAhead)]
	ahead := &csvReader{w: &window{buf: b, end: len(b), max: maxValue, err: io.EOF}, delim: csv.delim, width: csv.width, dump: csv.dump}
	first := map[string]string{} // the first date that has an order
	for {
		fields, _, err := ahead.next()
		if err == io.EOF {
			break
		}
		if err == nil && column < len(fields) {
			if order := orderOf(fields[column]); order != "" && first[order] == "" {
				first[order] = fields[column]
			}
		}
	}
	dmy, mdy := first["dmy"], first["mdy"]
	switch {
	case dmy != "" && mdy != "":
		t.file.warn("the dates of %s are of both orders (%s, %s): those that can be read in two ways are refused", name, dmy, mdy)
	case dmy != "":
		t.order = "dmy"
		t.file.warn("dates of %s are read as day/month/year, because some, such as %s, can only be that; if this is wrong use --map date_order=mdy", name, dmy)
	case mdy != "":
		t.order = "mdy"
		t.file.warn("dates of %s are read as month/day/year, because some, such as %s, can only be that; if this is wrong use --map date_order=dmy", name, mdy)
	}
}

// orderOf is the one order in which a date has a day and a month, "" when it can have both or has none.
func orderOf(date string) string {
	m := slashDate.FindStringSubmatch(date)
	if m == nil {
		return ""
	}
	a, _ := strconv.Atoi(m[1])
	b, _ := strconv.Atoi(m[2])
	switch {
	case 12 < a && a < 32 && b < 13:
		return "dmy"
	case a < 13 && 12 < b && b < 32:
		return "mdy"
	}
	return ""
}
