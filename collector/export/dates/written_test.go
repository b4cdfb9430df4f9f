package dates

import (
	"strings"
	"testing"
	"time"
)

// TestWrittenDates reads dates as people and programs of several languages write them.
func TestWrittenDates(t *testing.T) {
	day := time.Date(2025, 8, 13, 0, 0, 0, 0, time.UTC)
	ten := day.Add(10 * time.Hour)
	for in, want := range map[string]time.Time{
		"2025/8/13 10:00": ten, "10:00 AM - 13 Aug 2025": ten, "August 13, 2025 at 10:00AM": ten, "2025-8-13 10:00": ten,
		"Wed Aug 13 2025 12:00:00 GMT+0200 (Central European Summer Time)": ten,
		"13.08.2025, 10:00": ten, "2025-08-13 10:00:00 AM": ten, "13-Aug-25": day, "20250813": day, "20250813T100000Z": ten, "20250813100000": ten,
		"Aug 13 2025": day, "Wednesday, August 13, 2025": day, "2025年8月13日 10:00": ten, "2025年08月13日 10时00分": ten, "2025년 8월 13일 오전 10:00": ten,
		"Aug 13, 2025 · 10:00 AM UTC": ten, "2025-08-13 10:00:00 UTC": ten, "2025-08-13T10:00:00.000000+00:00": ten, "2025-08-13T12:00:00+0200": ten,
		"2025-08-13 10:00:00+00": ten, "Aug 13, 2025, 10:00\u202fAM": ten, "8/13/2025 10:00:00 AM": ten, "8/13/25, 10:00 AM": ten, "10am Aug 13 2025": ten,
		"45882": day, "45882.4166666667": ten, "1755079200": ten, "1755079200000": ten, "1755079200000000": ten, "1755079200.0": ten,
		"13 августа 2025 г. в 10:00": ten, "13 авг 2025, 10:00": ten, "13 серпня 2025 р. о 10:00": ten, "13 août 2025 à 10h00": ten, "13. August 2025 um 10:00 Uhr": ten,
		"Mittwoch, 13. August 2025": day, "mar. 12 août 2025": day.AddDate(0, 0, -1), "13 de agosto de 2025": day, "13 ago. 2025, 10:00": ten, "13 agosto 2025 alle ore 10:00": ten,
		"13 sierpnia 2025, 10:00": ten, "13 sie 2025": day, "13 de ago. de 2025 às 10:00": ten, "13 Ağustos 2025": day, "1er août 2025": day.AddDate(0, 0, -12),
		"August 1st, 2025 10:00 a.m.": ten.AddDate(0, 0, -12), "2025-08-13, 10:00": ten, "2025.08.13 10:00:00": ten, "Wed, 13 Aug 2025 10:00:00 +0000": ten,
		"13/Aug/2025:10:00:00 +0000": ten, "2025-08-13 12:00:00 CEST": ten, "2025-08-13 10:00:00.000 +00:00": ten, "2025-08-13_10-00-00": ten, "10:00 · 13 Aug 2025": ten,
		"13 mar 2025": day.AddDate(0, -5, 0), "13. März 2025": day.AddDate(0, -5, 0), "12:00 AM · Aug 13, 2025": day, "12:30 PM · Aug 13, 2025": day.Add(12*time.Hour + 30*time.Minute),
	} {
		if got, _, err := Read(in, ""); err != nil || !got.Equal(want) {
			t.Errorf("Read(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"2h", "2h ago", "vor 3 Stunden", "hace 2 días", "il y a 2 jours", "3 дня назад", "yesterday", "5 gün önce", "3小时前", "just now", "2 dni temu", "há 2 horas", "2 ore fa"} {
		if _, _, err := Read(in, ""); err == nil || !strings.Contains(err.Error(), "counts from the day") {
			t.Errorf("Read(%q): the error %v does not say that it counts from a day nobody names", in, err)
		}
	}
	for _, in := range []string{"13 Aug", "Aug 2025", "10:00", "2025", "08/2025", "13 Aug 2025 and more", "version 1.2.3", "1.2.3.4", "192.168.1.1", "13 13 2025", "30 February 2025", "2025-08-13T25:00:00Z", "12-34-5678", "13 Augustus Caesar 2025", "00000000", "10:00 10:00 13 Aug 2025"} {
		if got, _, err := Read(in, ""); err == nil {
			t.Errorf("Read(%q) = %v, want an error", in, got)
		}
	}
}

// TestZonedDates tells dates that say which moment they are from those that leave the zone out.
func TestZonedDates(t *testing.T) {
	for in, want := range map[string]bool{"2025-08-13T10:00:00Z": true, "1755079200": true, "2025-08-13 10:00 +0200": true, "Wed Aug 13 10:00:00 +0000 2025": true,
		"Aug 13, 2025 · 10:00 AM UTC": true, "2025-08-13 10:00:00": false, "13.08.2025": false, "45882.5": false} {
		if _, zoned, err := Read(in, ""); zoned != want || err != nil {
			t.Errorf("Read(%q) says zoned = %v, %v; want %v", in, zoned, err, want)
		}
	}
}

func FuzzDates(f *testing.F) {
	for _, in := range []string{"Wed Aug 13 2025 12:00:00 GMT+0200 (x)", "13 août 2025 à 10h05", "20250813T100000Z", "2025年8月13日", "1/2/25, 10:00 PM", "12-31-1999 -0700"} {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		at, _, err := Read(in, "dmy")
		if err == nil && (at.Year() < 1969 || at.Year() > 10000) {
			t.Errorf("Read(%q) = %v", in, at)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	for _, in := range []string{"2025-08-13T10:00:00.000Z", "2025-08-13 10:00:00", "Wed Aug 13 10:00:00 +0000 2025", "13.08.2025 10:00", "1755079200", "8/13/2025 10:00:00 AM"} {
		b.Run(in, func(b *testing.B) {
			for b.Loop() {
				Read(in, "")
			}
		})
	}
}
