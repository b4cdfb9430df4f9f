package store

import "time"

// maxPoints is the most points a series has: over five years of hours, 136 of days. Beyond, as when a post is dated a thousand
// years back, the steps are widened; Summary.Filter says to what.
const maxPoints = 50_000

// stepper tells in which step of a series an hour lies.
type stepper struct {
	step  Step
	width int32 // of a step in hours, but for months, and how many hours the first lies before 1970
	shift int32
	from  int32 // first hour of the first step
	to    int32 // last hour of the last
	first int32 // hour, day or week at which the series begins, counted from 1970; of months see begin
	count int
	begin time.Time
	month []int32 // step of each day from begin, of months only
}

func newStepper(step Step, first, last int32) stepper {
	for {
		s := stepperOf(step, first, last)
		if s.count <= maxPoints || step == Month {
			return s
		}
		step = map[Step]Step{Hour: Day, Day: Week, Week: Month}[step]
	}
}

// stepperOf is newStepper without a bound.
func stepperOf(step Step, first, last int32) stepper {
	s := stepper{step: step, begin: stepStart(hourStart(first), step)}
	s.from, s.to = hourOf(s.begin), hourOf(stepEnd(stepStart(hourStart(last), step), step))-1
	switch step {
	case Hour:
		s.width = 1
	case Week:
		s.width, s.shift = 7*24, 3*24 // 1970 began on a Thursday, weeks on Monday
	default:
		s.width = 24
	}
	if s.first = s.unit(s.from); step == Month {
		s.fillMonths(floorDiv(s.to, 24))
	}
	s.count = s.of(last) + 1
	return s
}

// has reports whether hour h lies in one of the steps.
func (s *stepper) has(h int32) bool { return h >= s.from && h <= s.to }

// offset is how many steps after the beginning of o that of s is; both have the same width.
func (s *stepper) offset(o *stepper) int {
	if s.step == Month {
		return 12*(s.begin.Year()-o.begin.Year()) + int(s.begin.Month()-o.begin.Month())
	}
	return int(s.first - o.first)
}

func (s *stepper) fillMonths(lastDay int32) {
	at, next := int32(0), stepEnd(s.begin, Month)
	for day := s.first; day <= lastDay; day++ {
		if !hourStart(day * 24).Before(next) {
			at, next = at+1, stepEnd(next, Month)
		}
		s.month = append(s.month, at)
	}
}

// unit is the number of the hour, day or week from 1970 that holds hour h.
func (s *stepper) unit(h int32) int32 {
	if s.width == 1 {
		return h
	}
	return floorDiv(h+s.shift, s.width)
}

// of is the place of the step that holds hour h.
func (s *stepper) of(h int32) int {
	if s.month != nil {
		return int(s.month[floorDiv(h, 24)-s.first])
	}
	return int(s.unit(h) - s.first)
}

func (s *stepper) start(i int) time.Time {
	switch s.step {
	case Hour:
		return s.begin.Add(time.Duration(i) * time.Hour)
	case Week:
		return s.begin.AddDate(0, 0, 7*i)
	case Month:
		return s.begin.AddDate(0, i, 0)
	}
	return s.begin.AddDate(0, 0, i)
}

func (s *stepper) end(start time.Time) time.Time { return stepEnd(start, s.step) }

func floorDiv(a, b int32) int32 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorDiv64(a, b int64) int32 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return int32(q)
}

func dayStart(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// stepStart is the beginning of the step that holds t. Weeks begin on Monday.
func stepStart(t time.Time, s Step) time.Time {
	y, m, d := t.Date()
	switch s {
	case Hour:
		return t.Truncate(time.Hour)
	case Week:
		d -= (int(t.Weekday()) + 6) % 7
	case Month:
		d = 1
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func stepEnd(start time.Time, s Step) time.Time {
	switch s {
	case Hour:
		return start.Add(time.Hour)
	case Week:
		return start.AddDate(0, 0, 7)
	case Month:
		return start.AddDate(0, 1, 0)
	}
	return start.AddDate(0, 0, 1)
}
