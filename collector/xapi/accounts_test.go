package xapi

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector"
)

// TestAccounts reads notices of accounts that are gone. X's lists do not say whether an id is of a post or an account.
func TestAccounts(t *testing.T) {
	at := time.Date(2022, 8, 1, 10, 0, 0, 0, time.UTC)
	account := func(id string, at time.Time) []collector.GoneAccount {
		return []collector.GoneAccount{{Platform: "x", ID: id, At: at}}
	}
	for in, want := range map[string][]collector.GoneAccount{
		`{"id":"1482680858","action":"delete","created_at":"2013-06-04T16:25:04+00:00","reason":"protected"}`:           account("1482680858", time.Time{}),
		`{"id":"1170025343920402432","action":"delete","created_at":"2019-09-06T17:25:54+00:00","reason":"suspended"}`:  account("1170025343920402432", time.Time{}),
		`{"id":"1170025343920402432","action":"delete","created_at":"2019-09-06T17:25:54.667Z","reason":"deactivated"}`: nil,
		`{"id":"1482680858","action":"withhold","created_at":"2013-06-04T16:25:04+00:00"}`:                              nil,
		`{"data":{"user_delete":{"user":{"id":"5"},"event_at":"2022-08-01T10:00:00.000Z"}}}`:                            account("5", at),
		`{"data":{"user_suspend":{"user":{"id":"5"},"event_at":"2022-08-01T10:00:00.000Z"}}}`:                           account("5", at),
		`{"data":{"user_undelete":{"user":{"id":"5"},"event_at":"2022-08-01T10:00:00.000Z"}}}`:                          nil,
		`{"data":{"tweet_delete":{"tweet":{"id":"6"},"event_at":"2022-08-01T10:00:00.000Z"}}}`:                          nil,
	} {
		b, err := Decode([]byte(in))
		if diff := cmp.Diff(want, b.Accounts); diff != "" || err != nil || len(b.Skips) != 1 {
			t.Errorf("Decode(%s): error %v, skips %v, accounts - want + got:\n%s", in, err, b.Skips, diff)
		}
	}
}
