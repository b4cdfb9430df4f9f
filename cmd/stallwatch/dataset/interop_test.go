package dataset

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestInterop opens the examples in the tools people use. STALLWATCH_PYTHON names a Python that has duckdb, pandas and
// pyarrow, when python3 has not.
func TestInterop(t *testing.T) {
	python := os.Getenv("STALLWATCH_PYTHON")
	if python == "" {
		python = "python3"
	}
	t.Run("duckdb and pandas", func(t *testing.T) {
		if out, err := exec.Command(python, "-c", "import duckdb, pandas, pyarrow").CombinedOutput(); err != nil {
			t.Skipf("SKIPPED: %s cannot import duckdb, pandas and pyarrow, so that nothing was opened in them: %s", python, lastLine(out))
		}
		runTool(t, python, filepath.Join("testdata", "interop.py"), "testdata")
	})
	t.Run("readr", func(t *testing.T) {
		if out, err := exec.Command("Rscript", "-e", "library(readr)").CombinedOutput(); err != nil {
			t.Skipf("SKIPPED: no Rscript with readr, so that nothing was opened in R: %s", lastLine(out))
		}
		runTool(t, "Rscript", filepath.Join("testdata", "interop.R"), "testdata")
	})
}

func runTool(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	t.Logf("%s", out)
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// TestSpreadsheet opens the CSV in LibreOffice Calc, with formulas switched on, and reads back what Calc made of it. A
// file without our guards is the control: Calc runs its formula and rounds its id.
func TestSpreadsheet(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("SKIPPED: no LibreOffice (Debian: libreoffice-calc), so that no spreadsheet opened the file")
	}
	dir, out := t.TempDir(), t.TempDir()
	example, err := os.ReadFile(filepath.Join("testdata", "example.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{"example.csv": example, "control.csv": []byte("id,text\n1940812345678901234,=1+1\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// The filter: comma, quote, UTF-8, from row 1, special numbers found, formulas evaluated.
	runTool(t, office, "-env:UserInstallation=file://"+filepath.ToSlash(filepath.Join(dir, "profile")), "--headless",
		"--infilter=CSV:44,34,76,1,,0,false,true,false,false,false,0,true", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false",
		"--outdir", out, filepath.Join(dir, "example.csv"), filepath.Join(dir, "control.csv"))
	control := readTable(t, filepath.Join(out, "control.csv"))
	if control[1][0] == "1940812345678901234" || control[1][1] != "2" {
		t.Fatalf("Calc left the control as it was (%q): this test cannot fail", control[1])
	}
	rows := readTable(t, filepath.Join(out, "example.csv"))
	cell := func(row int, name string) string {
		for i, c := range columns {
			if c.Name == name {
				return rows[row][i]
			}
		}
		t.Fatalf("no column %s", name)
		return ""
	}
	for _, c := range []struct {
		row        int
		name, want string
	}{
		{1, "post_id", "x:1940812345678901234"}, {1, "reply_to", "x:1940812345678901000"}, {1, "p_agree", "0.8"}, {1, "p_unrelated", "0.00002"},
		{2, "likes", "-3"}, {3, "text", "''-1 für den Frieden"},
	} {
		got := cell(c.row, c.name)
		if c.name == "p_unrelated" && got == "2E-05" {
			continue // the same number
		}
		if got != c.want {
			t.Errorf("row %d, %s: Calc has %q, want %q", c.row, c.name, got, c.want)
		}
	}
	if text := cell(1, "text"); !strings.HasPrefix(text, "'=HYPERLINK(") {
		t.Errorf("Calc has run or changed a cell of text: %q", text)
	}
}

func readTable(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
