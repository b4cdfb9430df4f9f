package web

import (
	"net/http"
	"slices"
	"strings"

	"stallwatch/classify"
	"stallwatch/store"
)

// summaryPage is the content of the summary. Numbers are in F only.
type summaryPage struct {
	frame
	F      Figures
	Form   filterForm
	Charts []chart
	// Compositions are drawn under the charts.
	Compositions             []composition
	TooMany                  bool // steps for a chart and a table
	Breaks                   bool // a chart shows that models change
	Few                      bool // most steps have too few posts, and there are wider steps
	Wider                    string
	Columns                  []column
	Where                    []dimension
	Query                    string // of the downloads
	ComposedQuery, FeedQuery string
	Origin                   string // scheme and host
	Gaps                     int    // steps without a stance-taking post
	// Withheld says that posts stand there without their text.
	Withheld bool
}

// column is the posts of one stance.
type column struct {
	Stance  string
	Heading string
	Posts   []post
}

// post is a typical post as shown: its text in pieces, its link under the host it leads to.
type post struct {
	TypicalPost
	Segments []segment
	Host     string
}

// dimension is a breakdown.
type dimension struct {
	Heading string
	Groups  []Group  // with a share
	Few     []string // names of the others
	More    int      // others that are not named
}

func (s *Server) summary(r *http.Request) *answer {
	f, problem := s.figures(r)
	if problem != nil {
		return problem
	}
	p := s.summaryPage(f)
	p.Address, p.Origin = r.Host+r.URL.RequestURI(), "http://"+r.Host
	if s.Public {
		p.Origin = "https://" + r.Host // whoever serves others has a proxy for that
	}
	return s.render(r, http.StatusOK, "summary.html", p)
}

func (s *Server) summaryPage(f Figures) summaryPage {
	f = f.brief()
	p := summaryPage{
		frame: s.frame(f.Thesis.Title), F: f, Form: newForm(f), Query: f.Filter.query(),
		ComposedQuery: f.Filter.query("chart", "what-posts-do"), FeedQuery: f.Filter.query("step", ""),
		Columns: s.columns(f.Posts),
		Where: []dimension{
			newDimension("Platform", f.Platforms, platformName),
			newDimension("Language", f.Langs, languageName),
			newDimension("Kind of post", f.Kinds, kindName),
		},
	}
	p.Page = "/"
	p.Withheld = slices.ContainsFunc(f.Posts, func(p TypicalPost) bool { return p.Text == "" })
	if f.Synthetic {
		p.Synthetic = syntheticNote
	}
	p.countSteps()
	p.draw()
	return p
}

// maxSteps is the most steps a page draws and lists: four years of days, about 200 kB before packing.
const maxSteps = 1500

func (p *summaryPage) draw() {
	if p.TooMany = len(p.F.Series) > maxSteps; p.TooMany {
		p.Few = false
		return
	}
	p.Charts, p.Compositions = newCharts(p.F), newCompositions(p.F)
	p.Breaks = len(p.Charts) > 0 && len(p.Charts[0].Breaks) > 0
}

// countSteps finds gaps, and whether wider steps would serve the reader better.
func (p *summaryPage) countSteps() {
	few := 0
	for _, s := range p.F.Series {
		if s.N == 0 {
			p.Gaps++
		}
		if s.TooFew {
			few++
		}
	}
	wider := map[string]store.Step{string(store.Day): store.Week, string(store.Week): store.Month}[p.F.Filter.Step]
	p.Few = wider != "" && len(p.F.Series) > 1 && few > (len(p.F.Series)-p.Gaps)/2
	p.Wider = p.F.Filter.query("step", string(wider))
}

func (s *Server) columns(posts []TypicalPost) (cols []column) {
	w := s.Thesis.Wording
	for _, c := range []struct {
		stance  classify.Stance
		heading string
	}{{classify.Agree, w.Agree}, {classify.Disagree, w.Disagree}, {classify.Discuss, w.Discuss}} {
		col := column{Stance: c.stance.String(), Heading: c.heading}
		for _, p := range posts {
			if p.Stance == c.stance {
				shown := post{TypicalPost: p, Segments: segments(p.Text, p.Spans), Host: host(p.Permalink)}
				col.Posts = append(col.Posts, shown)
			}
		}
		cols = append(cols, col)
	}
	return cols
}

// fewNamed is how many groups without a share a breakdown names.
const fewNamed = 8

func newDimension(heading string, gs []Group, name func(string) string) dimension {
	d := dimension{Heading: heading}
	for _, g := range gs {
		g.Name = name(g.Name)
		switch {
		case g.Share != nil:
			d.Groups = append(d.Groups, g)
		case len(d.Few) < fewNamed:
			d.Few = append(d.Few, g.Name)
		default:
			d.More++
		}
	}
	return d
}

// filterForm is the form over the page, and its state in a line.
type filterForm struct {
	Action       string
	Since, Until string
	Search       bool // has a field for text
	Text         string
	Selects      []selectField
	Hidden       []hiddenField
	State        string
	Filtered     bool
}

type hiddenField struct{ Name, Value string }

type selectField struct {
	Name, Label string
	Options     []option
}

type option struct {
	Value, Text string
	Selected    bool
}

func newForm(f Figures) filterForm {
	form := filterForm{Action: "/", Since: f.Filter.Since, Until: f.Filter.Until, Filtered: f.Filter.query("step", "") != ""}
	step := selectField{Name: "step", Label: "Steps"}
	for _, s := range []store.Step{store.Day, store.Week, store.Month} {
		step.Options = append(step.Options, option{string(s), "by " + string(s), string(s) == f.Filter.Step})
	}
	form.Selects = []selectField{
		step,
		newSelect("platform", "Platform", "all platforms", f.choices.Platforms, f.Filter.Platforms, platformName),
		newSelect("lang", "Language", "all languages", f.choices.Langs, f.Filter.Langs, languageName),
		newSelect("kind", "Kind of post", "all kinds", kindNames(), f.Filter.Kinds, kindName),
	}
	form.State = form.state(f.Period)
	return form
}

// state says in a line what is chosen; what is left open is not worth its words.
func (form filterForm) state(p Period) string {
	var state []string
	for _, s := range form.Selects {
		for _, o := range s.Options {
			if o.Selected && o.Value != "" {
				state = append(state, o.Text)
			}
		}
	}
	if form.Since != "" || form.Until != "" {
		state = append(state, p.Text)
	} else if !form.Filtered {
		state = append(state, "all posts")
	}
	return capital(strings.Join(state, " · "))
}

// newSelect offers one value or all. Several at once come from the address; they are one more option then.
func newSelect(name, label, all string, values, chosen []string, text func(string) string) selectField {
	s := selectField{Name: name, Label: label, Options: []option{{"", all, len(chosen) == 0}}}
	if len(chosen) > 1 {
		var names []string
		for _, c := range chosen {
			names = append(names, text(c))
		}
		s.Options = append(s.Options, option{strings.Join(chosen, ","), strings.Join(names, ", "), true})
	}
	for _, v := range values {
		s.Options = append(s.Options, option{v, text(v), len(chosen) == 1 && chosen[0] == v})
	}
	return s
}
