package export

import (
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"stallwatch/collector/export/dates"
)

var errNoDate = errors.New("no date")

// parseDate is readDate for a caller who does not ask about the zone.
func parseDate(s, order string) (time.Time, error) {
	at, _, err := readDate(s, order)
	return at, err
}

// readDate is dates.Read for a cell, which may hold nothing.
func readDate(s, order string) (at time.Time, zoned bool, err error) {
	if blank(strings.TrimSpace(s)) {
		return at, false, errNoDate
	}
	return dates.Read(s, order)
}

// orderAhead is how much of a table is looked at to learn the order of day and month. It does not depend on where an import is
// taken up again.
const orderAhead = 4 << 20

// settleOrder looks through the beginning of a table whose dates are such as 03/04/2025. One such as 25/04/2025 says what all
// of them are, unless another says otherwise.
func (t *table) settleOrder(csv *csvReader, sample []sampled, name string) {
	column, ok := t.index[t.m["date"]]
	slashed := func(s sampled) bool { return column < len(s.fields) && dates.Slashed(s.fields[column]) }
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
			if order := dates.Order(fields[column]); order != "" && first[order] == "" {
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
