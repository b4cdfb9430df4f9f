package dates

import (
	"strings"
	"testing"
	"time"
)

func TestRead(t *testing.T) {
	at := time.Date(2022, 3, 4, 5, 6, 7, 0, time.UTC)
	minute, day := at.Truncate(time.Minute), at.Truncate(24*time.Hour)
	for in, want := range map[string]time.Time{
		"2022-03-04T05:06:07Z":           at,
		"2022-03-04T05:06:07.000Z":       at,
		"2022-03-04T07:06:07+02:00":      at,
		"2022-03-04 05:06:07":            at,
		"2022-03-04 05:06:07+00:00":      at,
		"2022-03-04 07:06:07 +02:00":     at,
		"2022-03-04 05:06:07 UTC":        at,
		"Fri Mar 04 05:06:07 +0000 2022": at,
		"Thu Mar 03 21:06:07 PST 2022":   at,
		"Fri, 04 Mar 2022 05:06:07 GMT":  at,
		"1646370367":                     at,
		"1646370367.0":                   at,
		"1646370367000":                  at,
		"1646370367000000":               at,
		"1646370367.5":                   at.Add(500 * time.Millisecond),
		"2022-03-04 05:06":               minute,
		"2022/03/04 05:06":               minute,
		"04.03.2022 05:06":               minute,
		"4.3.2022 05:06:07":              at,
		"04.03.22 05:06":                 minute,
		"04-Mar-2022 05:06AM":            minute,
		"Mar 4, 2022 @ 05:06:07.000":     at,
		"2022-03-04 07:06:07+02":         at,
		"2022-03-04 05:06:07.000+00":     at,
		"Mar 4, 2022 · 5:06 AM UTC":      minute,
		"2022-03-04":                     day,
		"4 Mar 2022":                     day,
		"14/03/2022":                     day.AddDate(0, 0, 10),
		"03/14/2022 5:06 PM":             minute.AddDate(0, 0, 10).Add(12 * time.Hour),
	} {
		if got, _, err := Read(in, ""); err != nil || !got.Equal(want) {
			t.Errorf("Read(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "nan", "tomorrow", "3/4", "31/02/2022", "1.64E+09", "12:30", "Fri Mar 04 05:06:07 XYZ 2022", "12345", "2022-13-01", "0000-10-14T15:06:10.730Z", "25/25/2022"} {
		if got, _, err := Read(in, ""); err == nil {
			t.Errorf("Read(%q) = %v, want an error", in, got)
		}
	}
}

func TestAmbiguousDate(t *testing.T) {
	_, _, err := Read("03/04/2022 10:00", "")
	if err == nil || !strings.Contains(err.Error(), "03/04/2022 10:00") || !strings.Contains(err.Error(), "date_order=dmy") {
		t.Errorf("the error %v does not name the date and the way out", err)
	}
	for order, month := range map[string]time.Month{"dmy": time.April, "mdy": time.March} {
		if got, _, err := Read("03/04/22", order); err != nil || got.Month() != month || got.Year() != 2022 {
			t.Errorf("Read of 03/04/22 as %s = %v, %v", order, got, err)
		}
	}
}
