package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
)

// postsOnPage is how many posts a page lists.
const postsOnPage = 25

// maxQuery bounds the text that is searched for, in bytes.
const maxQuery = 200

// notClassified stands among the stances of an address for posts whose verdict abstains.
const notClassified = "not-classified"

// postsPage lists posts, newest first. It is the operator's: a public server has none, for a list of who wrote what on a
// political question is not for everybody, even where each post is public.
type postsPage struct {
	frame
	Form  filterForm
	Posts []listedPost
	Older string // address of the next page, empty at the end
	First string // address of the first page, empty on it
	Any   bool   // something is chosen
	Note  string // what is marked
}

// listedPost is a record as the page shows it.
type listedPost struct {
	store.Record
	Stance     string // agree, disagree, discuss, unrelated or none
	Says       string // the verdict in words
	Segments   []segment
	Host       string
	Duplicates string // address of the posts like it, empty when there are none
}

// LangCode is the language of the text for a reader of screens, empty where the platform names none that is known: some
// have codes of their own, such as X's qme.
func (p listedPost) LangCode() string {
	if name := languageName(p.Post.Lang); name == p.Post.Lang || name == languageName("") {
		return ""
	}
	return p.Post.Lang
}

// postsQuery is what an address of posts asks for.
type postsQuery struct {
	filter store.Filter
	after  store.Cursor
}

func (s *Server) posts(r *http.Request) *answer {
	if s.Public || s.Posts == nil {
		return s.render(r, http.StatusNotFound, "message.html", messagePage{frame: s.frame("Posts are not listed here"),
			Heading: "Posts are not listed here", Text: "This server shows figures and a few links to posts. Whoever runs it can browse the posts on their own machine."})
	}
	q, problems := parsePosts(r.URL.Query())
	if len(problems) > 0 {
		return s.badFilter(r, problems)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), figuresTimeout)
	defer cancel()
	records, next, err := s.Posts(ctx, q.filter, q.after, postsOnPage)
	if errors.Is(err, store.ErrBadCursor) {
		return s.badFilter(r, []Problem{{"after", brief(string(q.after), 80), "This place in the list does not exist. Leave it out to begin with the newest."}})
	}
	if err != nil {
		return s.failed(r, err)
	}
	choices := Choices{}
	if s.Choices != nil {
		if choices, err = s.Choices(ctx); err != nil {
			return s.failed(r, err)
		}
	}
	p := postsPage{frame: s.frame("Posts"), Form: q.form(choices), Any: q.query() != ""}
	p.Page = "/posts"
	var known []Evidence
	for _, rec := range records {
		var e Evidence
		if s.Explain != nil && rec.Verdict.Classified() && rec.Verdict.Stance != classify.Unrelated {
			e = s.Explain(rec)
			known = append(known, e)
		}
		p.Posts = append(p.Posts, listed(rec, e.Spans))
	}
	if len(known) > 0 {
		p.Note = EvidenceNote(known)
	}
	if next != "" {
		p.Older = "/posts" + q.query("after", string(next))
	}
	if q.after != "" {
		p.First = "/posts" + q.query()
	}
	p.Address = r.Host + r.URL.RequestURI()
	return s.render(r, http.StatusOK, "posts.html", p)
}

func listed(rec store.Record, spans []Span) listedPost {
	v := rec.Verdict
	p := listedPost{Record: rec, Stance: "none", Host: host(rec.Post.Permalink)}
	p.Post.Platform, p.Post.Lang = brief(p.Post.Platform, roomName), brief(p.Post.Lang, roomName)
	p.Post.Kind = collector.Kind(brief(string(p.Post.Kind), roomName))
	p.Codings = each(p.Codings, func(c *store.Coding) { c.Coder, c.Label = brief(c.Coder, roomName), brief(c.Label, roomName) })
	if v.Classified() {
		p.Stance = v.Stance.String()
		p.Says = capital(p.Stance) + ", classifier " + percentOf(v.P[v.Stance]) + " sure"
	} else {
		p.Says = "Not classified: " + Reason{Reason: brief(string(v.Abstain), roomName)}.Why()
	}
	p.Segments = segments(rec.Post.Text, spans)
	if rec.Cluster != "" {
		p.Duplicates = "/posts?" + url.Values{"cluster": {rec.Cluster}}.Encode()
	}
	return p
}

// parsePosts reads an address of posts: the filters of the summary and those of single posts.
func parsePosts(v url.Values) (q postsQuery, problems []Problem) {
	v.Del("step")
	q.filter, problems = parseFilter(v)
	bad := func(field, value, fix string) { problems = append(problems, Problem{field, brief(value, 80), fix}) }
	for _, name := range parseList(v, "stance", platformPattern, "Write agree, disagree, discuss, unrelated or not-classified.", bad) {
		stance, err := classify.ParseStance(name)
		switch {
		case name == notClassified:
			q.filter.Abstained = true
		case err != nil:
			bad("stance", name, "Write agree, disagree, discuss, unrelated or not-classified.")
		default:
			q.filter.Stances = append(q.filter.Stances, stance)
		}
	}
	q.filter.MinP, q.filter.MaxP = parsePercent(v, "min", bad), parsePercent(v, "max", bad)
	q.filter.Text = strings.TrimSpace(v.Get("q"))
	if len(q.filter.Text) > maxQuery {
		bad("q", q.filter.Text, "Search for at most 200 bytes of text.")
	}
	q.filter.Cluster, q.after = v.Get("cluster"), store.Cursor(v.Get("after"))
	if platform, id, ok := strings.Cut(q.filter.Cluster, ":"); q.filter.Cluster != "" && (!ok || platform == "" || id == "" || len(id) > 200 || strings.ContainsRune(q.filter.Cluster, 0)) {
		bad("cluster", q.filter.Cluster, "Write a post as platform:id.")
	}
	return q, problems
}

// parsePercent reads a probability in whole per cents; none is 0.
func parsePercent(v url.Values, field string, bad func(field, value, fix string)) float64 {
	text := v.Get(field)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 100 {
		bad(field, text, "Write a whole number of per cents, from 0 to 100.")
		return 0
	}
	return float64(n) / 100
}

// query writes what parsePosts reads, without the place in the list.
func (q postsQuery) query(more ...string) string {
	v := url.Values{}
	f := newFilter(q.filter)
	for name, value := range map[string]string{"since": f.Since, "until": f.Until, "platform": strings.Join(f.Platforms, ","), "lang": strings.Join(f.Langs, ","),
		"kind": strings.Join(f.Kinds, ","), "stance": strings.Join(q.stances(), ","), "min": wholePercent(q.filter.MinP), "max": wholePercent(q.filter.MaxP),
		"q": q.filter.Text, "cluster": q.filter.Cluster} {
		if value != "" {
			v.Set(name, value)
		}
	}
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

func wholePercent(p float64) string {
	if p == 0 {
		return ""
	}
	return strconv.Itoa(int(math.Round(p * 100)))
}

func (q postsQuery) stances() (names []string) {
	for _, s := range q.filter.Stances {
		names = append(names, s.String())
	}
	if q.filter.Abstained {
		names = append(names, notClassified)
	}
	return names
}

func (q postsQuery) form(c Choices) filterForm {
	f := newFilter(q.filter)
	names := func(list, chosen []string) []string {
		list = slices.Concat(list, chosen)
		slices.Sort(list)
		return slices.Compact(list)
	}
	form := filterForm{Action: "/posts", Since: f.Since, Until: f.Until, Search: true, Text: q.filter.Text, Filtered: q.query() != ""}
	form.Selects = []selectField{
		newSelect("stance", "Stance", "all stances", []string{"agree", "disagree", "discuss", "unrelated", notClassified}, q.stances(), stanceName),
		newSelect("min", "Classifier", "however sure", []string{"60", "80", "90"}, nonEmpty(wholePercent(q.filter.MinP)), func(p string) string { return "at least " + p + thin + "% sure" }),
		newSelect("platform", "Platform", "all platforms", names(c.Platforms, f.Platforms), f.Platforms, platformName),
		newSelect("lang", "Language", "all languages", names(c.Langs, f.Langs), f.Langs, languageName),
		newSelect("kind", "Kind of post", "all kinds", kindNames(), f.Kinds, kindName),
	}
	if q.filter.MaxP > 0 {
		form.Hidden = append(form.Hidden, hiddenField{"max", wholePercent(q.filter.MaxP)})
	}
	if q.filter.Cluster != "" {
		form.Hidden = append(form.Hidden, hiddenField{"cluster", q.filter.Cluster})
	}
	form.State = form.state(periodOf(store.Summary{Filter: q.filter}))
	return form
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func stanceName(s string) string {
	if s == notClassified {
		return "not classified"
	}
	return s
}

func kindNames() (names []string) {
	for _, k := range kinds {
		names = append(names, string(k))
	}
	return names
}
