package classify

import "strings"

// Template is what a new thesis folder begins with, by file name.
func Template(id string) map[string]string {
	return map[string]string{
		"thesis.yaml": strings.ReplaceAll(thesisTemplate, "ID", id),
		"codebook.md": codebookTemplate,
		"train.jsonl": "",
	}
}

const thesisTemplate = `id: ID
title: A short question
claim: The claim itself, in one sentence.
language: en
wording:            # "63 % of stance-taking posts we collected say so"
  say: say so
  agree: Says so
  disagree: Says not
  discuss: Discusses, takes no side

# What a keyword search can be expected to bring; without it, the shares in train.jsonl.
# prior: {agree: 0.25, disagree: 0.25, discuss: 0.25, unrelated: 0.25}

# Settings that training is not to choose by itself: penalties on words, letters and frames, and others.
# training: {l2: [1, 1, 1], min_posts: 3, temperature: 1, abstain: 0.5}

# A post can be on topic only if, for one of the alternatives, it has a word of every group named; a word that ends in *
# stands for all that begin so. No alternatives: every post is judged.
gate:
  any: []           # as in [[subject], [person, matter]]
  groups: {}        # as in {subject: [cat, kitten*], …}

# Classes of words that do the same work in an argument: their order in a sentence becomes a feature.
lexicon: {}

# Dated happenings that charts mark.
events: []
#  - date: 2025-07-03
#    title: Short title
#    description: One sentence.
#    source: https://example.org/a-page-to-cite
#    publisher: Who says so
`

const codebookTemplate = `# Codebook
Judge the author's own position as a reader would infer it from the post alone.

- **agree**: the author asserts or clearly endorses the claim.
- **disagree**: the author denies it.
- **discuss**: on the topic without taking a side: news, reported speech, open questions.
- **unrelated**: not about it.
`
