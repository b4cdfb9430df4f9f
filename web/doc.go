// Package web draws the summary of a thesis: as a page, as JSON and as CSV.
//
// [NewFigures] makes the one set of numbers that every view prints, the terminal's included, so that no two views can
// disagree. Shares are rounded once, to four decimals, when the figures are made: what a page rounds further, JSON and
// CSV show in full. Undefined is null in JSON, empty in CSV and a sentence on the page; it is never 0.
//
// A share of fewer than [MinCell] posts is not given, only said to be of too few. The series is the exception: its small
// steps carry their share with a flag, for the chart to draw them grey.
//
// Dates in addresses, JSON and CSV are UTC days, the last one included, as in "from 1 to 7 July". Only [store.Filter]
// has an exclusive end.
//
// Text of posts is hostile. It reaches a page through html/template as plain strings, with the words of evidence cut out
// as strings of their own; nothing here makes template.HTML of anything.
package web
