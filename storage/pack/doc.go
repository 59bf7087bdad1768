// Package pack makes the entries of one commit two short byte strings, and gives them back as they were.
//
//	entries 4..7 ──▶ head: kinds, times, paths, facts   ──▶ journal.heads   kept
//	             └─▶ data: what was said                ──▶ journal.data    can be erased alone
//
// Why: a run of five steps left seven rows of journal, seven of payloads and 2.2 KB; most of that was the same words each
// time ("content-type", "application/json", names of columns in every row). One row for each commit, and words that
// stand in a dictionary, leave a third of it, and a third of the work of the writer.
//
// The text is squeezed by s2 (github.com/klauspost/compress) with the dictionary standing before it: a few microseconds
// for a commit, where DEFLATE with a dictionary takes fifty. A string that does not become shorter is kept as it is. The
// first byte says how a string was made; the dictionary of a number never changes, another one gets another number.
package pack
