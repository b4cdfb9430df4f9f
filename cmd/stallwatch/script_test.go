package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"stallwatch/classify/encoder"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"stallwatch": func() { os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestScripts runs the program as a user would: each file of testdata/script is a session.
func TestScripts(t *testing.T) {
	stores, err := filepath.Abs("../../store/testdata/backcompat")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireUniqueNames: true, Setup: func(e *testscript.Env) error {
		e.Setenv("STORES", stores) // of older versions
		return nil
	}, Condition: func(name string) (bool, error) {
		if name != "encoder" {
			return false, fmt.Errorf("no condition %q", name)
		}
		_, err := encoder.ShippedCard()
		return !errors.Is(err, encoder.ErrAbsent), nil
	}})
}
