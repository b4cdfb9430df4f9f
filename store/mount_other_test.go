//go:build unix && !linux

package store_test

import "errors"

func mountSmall(string) error { return errors.New("only tried on Linux") }
