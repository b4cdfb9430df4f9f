package report

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
	"stallwatch/web"
)

// missing is how an answer that nobody gave stands in the disclosure.
const missing = "**Missing.** "

// Methods is METHODS.md: the same words for the same input.
func Methods(in Input) string {
	m := &methods{in: in}
	m.line("# Methods: %s, %s\n", in.Thesis.Title, in.Figures.Period.Text)
	if in.Figures.Synthetic {
		m.line("**Synthetic data: posts written for a demonstration. Nothing here is a finding.**\n")
	}
	m.result()
	m.read()
	m.leftOut()
	m.judged()
	m.estimated()
	m.limits()
	m.disclosure()
	m.again()
	return m.b.String()
}

type methods struct {
	in Input
	b  strings.Builder
}

func (m *methods) line(format string, args ...any) { fmt.Fprintf(&m.b, format+"\n", args...) }

func (m *methods) result() {
	f := &m.in.Figures
	m.line("## What was found\n")
	m.line("The thesis: %s\n", m.in.Thesis.Claim)
	m.line("%s (95 %% interval %s; %s). %s\n", f.Headline.Sentence, orWords(f.Headline.Interval(), "none"), f.Headline.Base(), f.Headline.Caveat)
	m.line("Of all %s on the topic, %s agree.\n", count(f.Counts.OnTopic, "post", "posts"), f.OnTopic.WithInterval())
}

// read tells what came in. The ledger has the newest first; here the first comes first.
func (m *methods) read() {
	m.line("## What was read\n")
	entries := readEntries(m.in.Figures.Ledger)
	if len(entries) == 0 {
		m.line("Nothing.\n")
		return
	}
	for i, e := range entries {
		if i == listed {
			m.line("- … and %s more, listed in `summary.json`", number(len(entries)-listed))
			break
		}
		t := e.Totals
		m.line("- **%s** (%s%s; rights basis: %s): %s read = %s stored + %s known already + %s skipped + %s failed; %s", cell(filepath.Base(e.Source)),
			cell(joined(e.Formats)), shaWords(e.SHA256), cell(orWords(e.Basis, "not stated")), number(t.Read), number(t.Stored), number(t.Duplicate), number(skipped(t)),
			number(t.Failed), span(e.First, e.Last))
	}
	m.line("")
	if m.in.FromFiles {
		m.line("The report was made from these files and from nothing else. When they were read is not written down, so that the same files give the same bytes; in `summary.json` the times `started` and `finished` are those of the latest post.\n")
	}
	for _, e := range entries {
		if !e.Complete {
			m.line("**%s was not read to its end.**\n", cell(filepath.Base(e.Source)))
		}
	}
}

// listed is how many entries are named; a live collection has thousands.
const listed = 200

func shaWords(sum string) string {
	if sum == "" {
		return ""
	}
	return ", SHA-256 " + sum
}

func span(first, last time.Time) string {
	if first.IsZero() {
		return "no posts"
	}
	if day(first) == day(last) {
		return "posts of " + day(first)
	}
	return "posts of " + day(first) + " to " + day(last)
}

// leftOut tells what is not in the figures, and why.
func (m *methods) leftOut() {
	f := &m.in.Figures
	m.line("## What was left out, and why\n")
	reasons := map[collector.Reason]int{}
	failed, known := 0, 0
	for _, e := range readEntries(f.Ledger) {
		for r, n := range e.Totals.Skipped {
			reasons[r] += n
		}
		failed += e.Totals.Failed
		known += e.Totals.Duplicate
	}
	m.line("- %s could not be read. Each costs itself alone.", count(failed, "item", "items"))
	m.line("- %s came more than once and counted once: the newest version, where the files say which that is.", count(known, "post", "posts"))
	for _, r := range slices.Sorted(maps.Keys(reasons)) {
		m.line("- %s skipped: %s.", count(reasons[r], "item", "items"), skipWords(r))
	}
	for _, r := range f.NotClassified {
		m.line("- %s not classified: %s. They are in `posts.csv`, and in no share.", count(r.Posts, "post", "posts"), abstentionWords(r.Reason, m.in.Thesis))
	}
	m.line("- %s counted apart: they repeat somebody else's words. The share with them is among the robustness checks.", count(f.Reposts.Posts, "repost", "reposts"))
	if s := filterWords(f.Filter); s != "" {
		m.line("- What the choice of this report leaves out: it is of %s only.", s)
	}
	m.line("")
}

func (m *methods) judged() {
	f := &m.in.Figures
	t := m.in.Thesis
	m.line("## How a post got its stance\n")
	m.line("The unit is a post with text of its own: original, reply or quote. Each was judged by a program, Stallwatch %s, model %s, as one of: agree, disagree, discuss, unrelated. No person read it for this report.\n",
		m.in.Version, orWords(strings.Join(f.Models, ", "), "none"))
	codebook, err := t.CodebookHash()
	if err == nil {
		m.line("What the stances mean stands in the codebook of thesis `%s`, version %s (the beginning of its SHA-256).\n", t.ID, codebook)
	} else {
		m.line("%sThe thesis `%s` has no codebook.\n", missing, t.ID)
	}
	if c := f.Model; c != nil && c.N > 0 {
		m.line("How often the model errs: on %s %s, which it was not trained on, its macro-F1 is %.2f.\n", number(c.N), c.EvaluatedOn, c.MacroF1)
	} else {
		m.line("%sHow often this model errs has not been measured.\n", missing)
	}
	if len(f.Models) > 1 {
		m.line("**The posts were judged by %d models: a difference between periods may be one between models.**\n", len(f.Models))
	}
}

func (m *methods) estimated() {
	m.line("## Estimators and intervals\n")
	m.line("- **Headline**: agree ÷ (agree + disagree). **On topic**: agree ÷ (agree + disagree + discuss).")
	m.line("- **Interval**: 95 %%, allowing for authors whose posts resemble each other: the variance is the larger of the cluster-robust one (Kish 1965; Cameron and Miller 2015) and that of the design effect with the correlation within authors estimated by analysis of variance (Donner and Koval 1980), drawn in Wilson's form on the effective sample size. With fewer than 10 authors it is Wilson's on the number of authors. An interval that takes posts for independent would be too narrow.")
	m.line("- **Uncorrected**: Wilson's score interval (1927), which does take them for independent.")
	m.line("- **Near-duplicates counted once**: posts that say nearly the same (MinHash of word shingles) are one voice.")
	m.line("- **One author, one voice**: the mean over authors of each author's own share.")
	m.line("- **Change**: the difference of two shares with Newcombe's square-and-add interval (1998, method 10). It is called up or down only where the interval excludes 0.")
	m.line("- **Too few**: no share of fewer than %d stance-taking posts is given.", web.MinCell)
	m.line("- Authors are counted under a keyed hash whose key is not in this folder. No table here has authors, since authors beside stances would say what each author thinks; the clustered intervals can therefore not be made again from `posts.csv`.\n")
}

func (m *methods) limits() {
	m.line("## Limits\n")
	m.line("- These are posts that somebody collected. They are no sample of the public, nor of the users of a platform.")
	m.line("- The intervals cover which authors happened to post. They do not cover the mistakes of the model, which can move a share by many points in either direction. No part of these posts was coded by people to correct for that.")
	m.line("- Posts deleted before they were collected are missing. How complete the collection is cannot be told from the files.")
	m.line("- Posts in other languages than %s are not classified.", orWords(m.in.Thesis.Language, "the thesis's"))
	m.line("- What changed after an event need not have changed because of it.\n")
}

// disclosure answers the items of AAPOR's Survey Disclosure Checklist (April 2021), as far as they apply to posts.
func (m *methods) disclosure() {
	f, s := &m.in.Figures, m.in.Stated
	bases := map[string]bool{}
	for _, e := range readEntries(f.Ledger) {
		if e.Basis != "" {
			bases[e.Basis] = true
		}
	}
	basis := strings.Join(slices.Sorted(maps.Keys(bases)), ", ")
	m.line("## Disclosure\n")
	m.line("The items of the AAPOR Survey Disclosure Checklist (April 2021) as far as they apply to collected posts. An item that nobody answered is named as missing.\n")
	m.line("| item | answer |")
	m.line("|---|---|")
	for _, r := range [][2]string{
		{"Data collection strategy", "Content analysis of posts by a program. " + orMissing(basis, "The rights basis of the files: "+cell(basis)+".", "On what rights basis the posts were collected (`import --basis`).")},
		{"Who conducted it", orMissing(s.By, cell(s.By), "Say it with `report --conducted-by`.")},
		{"Who sponsored it", orMissing(s.Sponsor, cell(s.Sponsor), "Say it with `report --sponsor`.")},
		{"Instruments", "The codebook of the thesis and the model named above. No questions were asked."},
		{"Population under study", "Posts that the collection holds, not people."},
		{"How the sample was made", orMissing(s.Query, cell(s.Query), "Which query, accounts or stream chose the posts. Say it with `report --query`.")},
		{"Mode", "Files or interfaces of platforms, as listed under “What was read”."},
		{"Dates", "Posts of " + f.Period.Text + ". " + dates(f.Ledger, m.in.FromFiles)},
		{"Sizes and precision", fmt.Sprintf("%s, %s stance-taking; intervals as given with each share.", count(f.Counts.Posts, "post", "posts"), number(f.Counts.StanceTaking))},
		{"Weighting", "None. “One author, one voice” weights authors alike."},
		{"Processing and quality", "As under “What was left out” and “How a post got its stance”. " + missing + "No agreement of coders on these posts."},
		{"Limitations", "As under “Limits”."},
	} {
		m.line("| %s | %s |", r[0], r[1])
	}
	m.line("")
}

func orMissing(given, answer, how string) string {
	if given == "" {
		return missing + how
	}
	return answer
}

func dates(ledger []store.Entry, fromFiles bool) string {
	if fromFiles {
		return missing + "When they were collected."
	}
	var first, last time.Time
	for _, e := range readEntries(ledger) {
		if first.IsZero() || e.Started.Before(first) {
			first = e.Started
		}
		if e.Finished.After(last) {
			last = e.Finished
		}
	}
	return "Brought in from " + day(first) + " to " + day(last) + "."
}

func (m *methods) again() {
	m.line("## Files, and how to make them again\n")
	m.line("`datapackage.json` lists every file with its hash and every column with its meaning; `sha256sum -c SHA256SUMS` checks the folder. The same posts under the same version give the same bytes:\n")
	m.line("```\nstallwatch report %s\n```\n", command(m.in))
	m.line("Cite as: Stallwatch %s, “%s”, %s, model %s.", m.in.Version, m.in.Thesis.Title, m.in.Figures.Period.Text, orWords(strings.Join(m.in.Figures.Models, ", "), "none"))
}

func command(in Input) string {
	f := in.Figures.Filter
	args := []string{"--thesis", in.Thesis.ID}
	add := func(name, value string) {
		if value != "" {
			args = append(args, name, value)
		}
	}
	add("--since", f.Since)
	add("--until", f.Until)
	add("--step", f.Step)
	add("--platform", strings.Join(f.Platforms, ","))
	add("--lang", strings.Join(f.Langs, ","))
	add("--kind", strings.Join(f.Kinds, ","))
	if in.Text {
		args = append(args, "--text")
	}
	if in.FromFiles {
		for _, e := range readEntries(in.Figures.Ledger) {
			args = append(args, quoted(filepath.Base(e.Source)))
		}
	}
	return strings.Join(args, " ")
}

func quoted(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == "" {
		return s
	}
	return strconv.Quote(s)
}

// readEntries are the entries that brought posts in, the first first.
func readEntries(ledger []store.Entry) (out []store.Entry) {
	for _, e := range slices.Backward(ledger) {
		if e.Totals.Read > 0 || e.SHA256 != "" {
			out = append(out, e)
		}
	}
	return out
}

func filterWords(f web.Filter) string {
	var parts []string
	for _, p := range []struct{ what, value string }{{"days from", f.Since}, {"days to", f.Until}, {"platform", strings.Join(f.Platforms, ", ")},
		{"language", strings.Join(f.Langs, ", ")}, {"kind", strings.Join(f.Kinds, ", ")}} {
		if p.value != "" {
			parts = append(parts, p.what+" "+p.value)
		}
	}
	return strings.Join(parts, "; ")
}

func abstentionWords(reason string, t *classify.Thesis) string {
	switch classify.Abstention(reason) {
	case classify.AbstainLanguage:
		return "not in the language of the thesis (" + t.Language + ")"
	case classify.AbstainUnsure:
		return "the model is not sure enough"
	case classify.AbstainNoText:
		return "nothing but links, mentions or blanks"
	}
	return reason
}

func skipWords(r collector.Reason) string {
	switch r {
	case collector.SkipDelete:
		return "notices that a post was deleted"
	case collector.SkipNoText:
		return "posts without any text"
	case collector.SkipAPIError:
		return "errors that an interface answered in place of posts"
	case collector.SkipUnknown:
		return "values of a shape that no decoder knows"
	}
	return string(r)
}

func joined(counts map[string]int) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, k+" "+number(counts[k]))
	}
	return strings.Join(parts, ", ")
}

func skipped(t store.Totals) (n int) {
	for _, k := range t.Skipped {
		n += k
	}
	return n
}

// cell keeps what comes from outside from breaking a table.
func cell(s string) string {
	return strings.NewReplacer("|", "¦", "\n", " ", "\r", " ", "<", "‹", ">", "›", "`", "'").Replace(s)
}

func day(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2 January 2006")
}

func orWords(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

// number groups thousands by commas.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
