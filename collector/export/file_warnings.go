package export

import (
	"fmt"
	"slices"
)

// Warnings are sentences a user must read about this file, in the order found. It is complete once everything has been
// decoded.
func (f *File) Warnings() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := append([]string(nil), f.warnings...)
	if n := f.floatIDs.Load(); n > 0 {
		all = append(all, fmt.Sprintf("%d ids have been damaged by a spreadsheet or a float (such as 1.23E+18) and were refused: those posts have ids made of their text, author and date (h:…)", n))
	}
	if n := f.missingIDs.Load(); n > 0 && !f.opt.TextOnly {
		all = append(all, fmt.Sprintf("%d posts have no id: theirs are made of their text, author and date (h:…)", n))
	}
	if n := f.localIDs.Load(); n > 0 {
		all = append(all, fmt.Sprintf("%d ids are numbers or names of the file's own, or of no platform that it names: a hash of text, author and date stands behind each (7:…), since other posts can have the same; name the platform with --platform where they are its own", n))
	}
	if n := f.bareIDs.Load(); n > 0 {
		all = append(all, fmt.Sprintf("%d posts have no date: they are taken for posts of X, and dated by their ids, because these look like X's; if they are of another network say which with --platform", n))
	}
	if n := f.otherDates.Load(); n > 0 {
		all = append(all, fmt.Sprintf("%d posts have dates that differ by more than two days from the times in their ids, which are the platform's own and were taken: the dates may be those of something else, or have day and month exchanged", n))
	}
	if n, r := f.ids.Load(), f.roundIDs.Load(); r >= 5 && r*10 > n {
		all = append(all, fmt.Sprintf("%d of %d ids end in 00, where about 1 in 100 would: a program may have rounded them, and duplicates then go unnoticed", r, n))
	}
	if n, r := f.noText.Load(), f.rows.Load(); n >= 5 && n*2 > r {
		all = append(all, fmt.Sprintf("%d of %d rows have no text: whoever made the file may have taken the texts out", n, r))
	}
	if n := f.unknown.Load(); n > 0 {
		all = append(all, fmt.Sprintf("%d JSON values are of no known form and have no text beside an id or a date; the first has the members %s", n, f.columns))
	}
	if w := f.outcome.words(); w != "" {
		all = append(all, w)
	}
	return all
}

func (f *File) warn(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.warnings = append(f.warnings, fmt.Sprintf(format, args...))
}

// warnOnce adds a warning unless it is there already.
func (f *File) warnOnce(w string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.Contains(f.warnings, w) {
		f.warnings = append(f.warnings, w)
	}
}

// tell counts what is the matter with an id; nil counts a sound one.
func (f *File) tell(fault *idFault) {
	f.ids.Add(1)
	if fault == nil {
		return
	}
	switch fault.kind {
	case faultFloat:
		f.floatIDs.Add(1)
	case faultMissing:
		f.missingIDs.Add(1)
	case faultRound:
		f.roundIDs.Add(1)
	case faultLocal:
		f.localIDs.Add(1)
	case faultBare:
		f.bareIDs.Add(1)
	case faultDate:
		f.ids.Add(-1) // one that is told of twice
		f.otherDates.Add(1)
	}
}

// tellUnknown counts values of no form, and keeps the names of the first.
func (f *File) tellUnknown(n int, raw []byte) {
	if n > 0 && f.unknown.Add(int64(n)) == int64(n) {
		_, names, _ := flatten(raw)
		if names == nil {
			keys, _ := members(raw)
			for _, k := range keys[:min(len(keys), shownColumns+1)] {
				names = append(names, string(k))
			}
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.columns = list(names)
	}
}

// Mapping says in words how the columns of generic input were understood, "" when the format was known.
func (f *File) Mapping() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mapping
}

// setMapping keeps the first mapping of a file.
func (f *File) setMapping(words string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.mapping == "" {
		f.mapping = words
	}
}
