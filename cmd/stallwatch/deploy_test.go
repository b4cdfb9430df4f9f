package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestServiceUnit: systemd finds nothing wrong with the unit, and its command line is one of this program.
func TestServiceUnit(t *testing.T) {
	raw, err := os.ReadFile("deploy/stallwatch.service")
	if err != nil {
		t.Fatal(err)
	}
	checkFlags(t, regexp.MustCompile(`(?m)^ExecStart=\S+ (.*)$`).FindStringSubmatch(string(raw))[1])
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("SKIPPED systemd-analyze verify: systemd is not here")
	}
	// The binary is not installed here: the unit is checked with one that is.
	unit := filepath.Join(t.TempDir(), "stallwatch.service")
	if err := os.WriteFile(unit, bytes.ReplaceAll(raw, []byte("/usr/local/bin/stallwatch"), []byte("/bin/true")), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", "--man=no", unit).CombinedOutput(); err != nil || strings.Contains(string(out), "stallwatch.service") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

// TestContainerfile: the command line is one of this program; where an engine runs, the image builds.
func TestContainerfile(t *testing.T) {
	raw, err := os.ReadFile("deploy/Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	words := regexp.MustCompile(`"([^"]*)"`).FindAllStringSubmatch(regexp.MustCompile(`(?m)^CMD (.*)$`).FindStringSubmatch(string(raw))[1], -1)
	var line []string
	for _, w := range words {
		line = append(line, w[1])
	}
	checkFlags(t, strings.Join(line, " "))
	for _, engine := range []string{"podman", "docker"} {
		if exec.CommandContext(t.Context(), engine, "info").Run() == nil {
			out, err := exec.CommandContext(t.Context(), engine, "build", "-f", "deploy/Containerfile", root).CombinedOutput()
			if err != nil {
				t.Errorf("%s build: %v\n%s", engine, err, out)
			}
			return
		}
	}
	t.Skip("SKIPPED the build of the image: neither podman nor docker runs here")
}

// checkFlags parses a command line without running it.
func checkFlags(t *testing.T, line string) {
	t.Helper()
	var out bytes.Buffer
	if code := run(context.Background(), append(strings.Fields(line), "--help"), strings.NewReader(""), &out, &out); code != exitOK {
		t.Errorf("%q is no command line: %s", line, out.String())
	}
}
