// Package prevalence turns counts into shares with intervals: pure statistics, no input or output.
//
// The default for every share is the author-clustered interval ([Clustered]): a tenth of the authors write most
// posts, and an interval that takes posts for independent covers far too little. [Wilson] is for shares that are
// labelled uncorrected, and the fallback where there are too few authors to cluster by.
package prevalence
