package classify

import "fmt"

// Stance is the position of one post on a thesis, as the thesis's codebook defines it.
type Stance uint8

// The four stances, in the order of every probability vector.
const (
	Agree Stance = iota
	Disagree
	Discuss
	Unrelated
	NumStances = 4
)

var stanceNames = [NumStances]string{"agree", "disagree", "discuss", "unrelated"}

func (s Stance) String() string { return stanceNames[s] }

// MarshalText writes the stance's name.
func (s Stance) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the stance's name.
func (s *Stance) UnmarshalText(b []byte) (err error) {
	*s, err = ParseStance(string(b))
	return err
}

// ParseStance reads a stance's name.
func ParseStance(name string) (Stance, error) {
	for i, n := range stanceNames {
		if n == name {
			return Stance(i), nil
		}
	}
	return 0, fmt.Errorf("stance %q is not one of agree, disagree, discuss, unrelated", name)
}

// Abstention says why a post has no verdict.
type Abstention string

// The reasons to abstain. Abstained posts are counted as "not classified" and shown, never dropped.
const (
	AbstainNone     Abstention = ""
	AbstainLanguage Abstention = "language" // not in the thesis's language
	AbstainUnsure   Abstention = "unsure"   // the largest probability is below the model's threshold
	AbstainNoText   Abstention = "no text"  // nothing but links, mentions or white space
)

// Tier is a part of a model.
type Tier string

// The tiers: the linear model for every post, the sentence encoder for those that may be on topic.
const (
	TierFast    Tier = "fast"
	TierCareful Tier = "careful"
)

// Verdict is what a classifier says of one post.
type Verdict struct {
	Stance  Stance
	P       [NumStances]float64 // probabilities in the order of the stances; they sum to 1 unless Abstain is language
	Abstain Abstention          // when set, Stance is at best a guess and is not counted
	Model   string              // id of the model that judged
	Tier    Tier                // which part of it gave the verdict
	Cut     bool                // the careful tier read only the beginning of an over-long text
}

// Classified reports whether the verdict has a stance.
func (v Verdict) Classified() bool { return v.Abstain == AbstainNone }
