package export

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// An object that is too large to be read whole gives the elements of its list, and what follows it is read as before.
func TestFramesOfLargeObject(t *testing.T) {
	var want []string
	for i := range 60_000 { // more than is read at a time
		el := fmt.Sprintf(`{"id":"%d","t":"]}\\"}`, i)
		want = append(want, el)
	}
	list := strings.Join(want, ",")
	want = slices.Clip(want)
	for name, c := range map[string]struct {
		in    string
		limit int
		want  []string
	}{
		"large, with a list alone": {`{"n":1,"list":[` + list + "]}\n" + `{"e":1}`, 2 << 20, append(want, `{"e":1}`)},
		"large, which says more":   {`{"n":"1","list":[` + list + `]}`, 2 << 20, []string{`{"n":"1","list":[` + list + `]}`}},
		"a large page":             {`{"data":[` + list + `]}`, 2 << 20, []string{`{"data":[` + list + `]}`}},
		"whole":                    {`{"meta":{"a":[1,{"b":"["}]},"in":{"list":[` + list + `],"c":["}\\",{}]},"d":"\\"}` + "\n" + `{"e":1}`, 300, append(want, `{"e":1}`)},
		"cut in the list":          {`{"list":[` + list, 300, append(want, "! the file ends inside an array: it was cut")},
		"cut behind it":            {`{"list":[` + list + `],"c":{"d":"\`, 300, append(want, "! "+errRest.Error())},
		"long, not a list":         {`{"a":"` + strings.Repeat("x", 1<<21) + "\"}\n{\"e\":1}", 300, []string{"! " + errTooLarge.Error(), `{"e":1}`}},
		"numbers":                  {`{"a":[` + strings.Repeat("1,", 1<<20) + "1]}\n{\"e\":1}", 300, []string{"! " + errTooLarge.Error(), `{"e":1}`}},
	} {
		w := newWindow(iotest.HalfReader(strings.NewReader(c.in)))
		w.max = c.limit
		var got []string
		warned := 0
		(&framer{w: w, warn: func(string) { warned++ }, yield: func(v Value) bool {
			s := string(v.Raw)
			if v.Err != nil {
				s = "! " + v.Err.Error()
			}
			got = append(got, s)
			return true
		}}).run()
		if !slices.Equal(c.want, got) {
			t.Errorf("%s: %d values that end in %q; want %d that end in %q", name, len(got), got[max(0, len(got)-3):], len(c.want), c.want[max(0, len(c.want)-3):])
		}
		if wantWarning := len(c.want) > 2 && c.limit == 300; (warned > 0) != wantWarning {
			t.Errorf("%s: %d warnings", name, warned)
		}
	}
}
