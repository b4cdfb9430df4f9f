package encoder

import "testing"

// TestLinearAVX2 is TestLinear for AVX2's product, on a processor that would not use it.
func TestLinearAVX2(t *testing.T) {
	if !hasDot {
		t.Skip("SKIPPED: without VPDPWSSD, TestLinear has tested AVX2's product already")
	}
	hasDot = false
	defer func() { hasDot = true }()
	TestLinear(t)
}
