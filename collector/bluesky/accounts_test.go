package bluesky

import (
	"testing"

	"stallwatch/collector"
)

// TestAccounts reads what the streams say of accounts: those that are gone take their posts with them.
func TestAccounts(t *testing.T) {
	for in, want := range map[string]string{
		`{"did":"did:plc:a","time_us":1751572800123456,"kind":"account","account":{"active":false,"did":"did:plc:a","seq":1,"status":"deleted","time":"2025-07-03T20:00:00Z"}}`:   "did:plc:a",
		`{"did":"did:plc:a","time_us":1751572800123456,"kind":"account","account":{"active":false,"did":"did:plc:a","seq":1,"status":"takendown","time":"2025-07-03T20:00:00Z"}}`: "did:plc:a",
		`{"did":"did:plc:a","time_us":1751572800123456,"kind":"account","account":{"active":false,"did":"did:plc:a","seq":1,"status":"deactivated"}}`:                             "",
		`{"did":"did:plc:a","time_us":1751572800123456,"kind":"account","account":{"active":true,"did":"did:plc:a","seq":1}}`:                                                     "",
		`{"payload":{"$type":"#account","seq":1,"did":"did:plc:a","time":"2025-07-03T20:00:00Z","active":false,"status":"suspended"}}`:                                            "did:plc:a",
		`{"id":1,"type":"identity","identity":{"did":"did:plc:a","handle":"a.example","is_active":false,"status":"deleted"}}`:                                                     "did:plc:a",
		`{"id":1,"type":"identity","identity":{"did":"did:plc:a","handle":"a.example","is_active":true,"status":"active"}}`:                                                       "",
	} {
		b, err := Decode([]byte(in))
		var got collector.GoneAccount
		if len(b.Accounts) > 0 {
			got = b.Accounts[0]
		}
		if err != nil || got.ID != want || len(b.Skips) != 1 || want != "" && (got.Platform != "bluesky" || b.Skips[0].Reason != collector.SkipDelete) {
			t.Errorf("Decode(%s) = %+v, %v; want the account %q", in, b, err, want)
		}
	}
}
