package web_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"stallwatch/store"
	"stallwatch/web"
)

// serve is a server of fixed figures.
func serve(t *testing.T, f web.Figures, change ...func(*web.Config)) http.Handler {
	t.Helper()
	cfg := web.Config{Thesis: thesis(t), Version: "v0.0.0-test", Figures: func(context.Context, store.Filter) (web.Figures, error) { return f, nil }}
	for _, c := range change {
		c(&cfg)
	}
	return web.NewServer(cfg)
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = "127.0.0.1:7788"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func readCSV(t *testing.T, body io.Reader) map[string][]map[string]string {
	t.Helper()
	rows, err := csv.NewReader(body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	bySection := map[string][]map[string]string{}
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		bySection[m["section"]] = append(bySection[m["section"]], m)
	}
	return bySection
}

// TestSameNumbers: JSON, CSV and the page say the same, number by number.
func TestSameNumbers(t *testing.T) {
	f := newSample(day0.AddDate(0, 0, -90), 120, 90, 3).figures(thesis(t), store.Filter{Since: day0.AddDate(0, 0, -40)})
	h := serve(t, f)
	var fromJSON web.Figures
	if err := json.Unmarshal(get(h, "/summary.json").Body.Bytes(), &fromJSON); err != nil {
		t.Fatal(err)
	}
	rows := readCSV(t, get(h, "/summary.csv").Body)
	page := html.UnescapeString(get(h, "/").Body.String())

	same := func(what string, s web.Share, row map[string]string) { t.Helper(); sameShare(t, what, s, row, page) }
	same("headline", fromJSON.Headline.Share, rows["headline"][0])
	same("on topic", fromJSON.OnTopic, rows["on_topic"][0])
	for i, l := range fromJSON.Robustness {
		same(l.Name, l.Share, rows["robustness"][i])
	}
	for i, s := range fromJSON.Series {
		same(s.From, s.Share, rows["series"][i])
	}
	for i, e := range fromJSON.Events {
		same(e.Title, *e.Before, rows["event_before"][i])
		same(e.Title, *e.After, rows["event_after"][i])
	}
	for i, g := range fromJSON.Platforms {
		if g.Share != nil {
			same(g.Name, *g.Share, rows["platform"][i])
		}
	}
	if fromJSON.Change == nil || !strings.Contains(page, fromJSON.Change.Sentence) || rows["change"][0]["name"] != fromJSON.Change.Sentence {
		t.Errorf("change = %+v, CSV %v", fromJSON.Change, rows["change"])
	}
	if len(fromJSON.Series) < 40 || len(fromJSON.Events) == 0 {
		t.Fatalf("the sample has %d steps and %d events: too little to compare", len(fromJSON.Series), len(fromJSON.Events))
	}
}

func sameShare(t *testing.T, what string, s web.Share, row map[string]string, page string) {
	t.Helper()
	if row["n"] != strconv.Itoa(s.N) {
		t.Errorf("%s: CSV has n %s, JSON %d", what, row["n"], s.N)
	}
	if !s.Defined() {
		if row["share"] != "" {
			t.Errorf("%s: CSV has %q, JSON null", what, row["share"])
		}
		return
	}
	for column, want := range map[string]*float64{"share": s.Share, "low": s.Low, "high": s.High} {
		if got := strconv.FormatFloat(*want, 'f', -1, 64); row[column] != got {
			t.Errorf("%s: CSV has %s %q, JSON %s", what, column, row[column], got)
		}
	}
	if !strings.Contains(page, s.Percent()) || !strings.Contains(page, s.Interval()) {
		t.Errorf("%s: the page lacks %s", what, s.WithInterval())
	}
}

func TestCSVFormulas(t *testing.T) {
	s := handSummary()
	s.Unclassified = map[string]int{`=HYPERLINK("http://a.example";"x")`: 1}
	for _, name := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "%x", "|x"} {
		s.Platforms = append(s.Platforms, store.Group{Name: name, Cell: pairs(10, 10)}, store.Group{Name: name + "few"})
	}
	var b bytes.Buffer
	if err := web.WriteCSV(&b, web.NewFigures(s, thesis(t), web.Inputs{})); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for i, cell := range row {
			if cell == "" || !strings.ContainsRune("=+-@\t\r\n|%", rune(cell[0])) {
				continue
			}
			if _, err := strconv.ParseFloat(cell, 64); err != nil {
				t.Errorf("column %d of %q can run as a formula: %q", i, row[0], cell)
			}
		}
	}
}

// TestPublic: what others must not see is in no answer of a public server.
func TestPublic(t *testing.T) {
	th, s := thesis(t), handSummary()
	in := web.Inputs{Posts: typicalPosts(), Ledger: ledger(day0)}
	public := func(c *web.Config) { c.Public = true }
	h := serve(t, web.NewFigures(s, th, in), public)
	for _, path := range []string{"/", "/summary.json", "/summary.csv"} {
		body := get(h, path).Body.String()
		for _, secret := range []string{"buying time", "/home/someone"} {
			if strings.Contains(body, secret) {
				t.Errorf("%s of a public server has %q", path, secret)
			}
		}
	}
	var f web.Figures
	if err := json.Unmarshal(get(h, "/summary.json").Body.Bytes(), &f); err != nil {
		t.Fatal(err)
	}
	if st := f.Series[0]; st.Defined() || st.Agree != nil || st.Disagree != nil || st.N != 18 {
		t.Errorf("small step = %+v, want its n only", st)
	}
	in.Synthetic = true // of a store that also has real posts
	if body := get(serve(t, web.NewFigures(s, th, in), public), "/").Body.String(); strings.Contains(body, "buying time") {
		t.Error("a public server quotes a real post because others are synthetic")
	}
	for i := range in.Posts {
		in.Posts[i].Synthetic = true
	}
	if body := get(serve(t, web.NewFigures(s, th, in), public), "/").Body.String(); !strings.Contains(body, "buying time") {
		t.Error("a public server withholds posts that nobody wrote")
	}
	if body := get(serve(t, web.NewFigures(s, th, web.Inputs{Posts: typicalPosts()})), "/").Body.String(); !strings.Contains(body, "buying time") {
		t.Error("the operator's own server withholds posts")
	}
}
