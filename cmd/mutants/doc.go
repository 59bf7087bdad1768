// Command mutants measures the tests: it breaks the code in one small place after the other and counts how often they
// notice.
//
//	engine/fold, engine/local, ──▶ every place an operator fits ──▶ in the seed's order, the first n that compile
//	storage/{memory,sqlite,pack}                                          │
//	                                                                      ▼
//	   killed ◀── a test fails, twice ── the suites of that package, ◀── all in one build, by -overlay: the
//	   survived ◀── all pass ─────────── the cheap one first             tree itself is never touched
//	        │
//	        └──▶ survivors.txt: known, with the reason; one that is not there, or under 90 % killed, is exit code 1
//
// The operators are those of gremlins, all eleven (gremlins.dev, "Mutations"). Why not gremlins itself: it runs
// either the tests of the mutated package alone, while the runtime's are those of engine/enginetest over both stores, or
// the whole module's for each mutant, which is an hour a mutant here; and it draws no sample.
//
// Why the order comes from what a mutant is (file, function, line's text, operator, seed) and not from its number: a
// change of the code changes the sample only where the code changed, so that the list of survivors stays of use.
//
// Why all are compiled at once, each a copy of its function's body chosen by a number in the environment: compiling and
// linking costs several times what the tests take until one fails. What is outside of functions, or in one with labels,
// gets a build of its own.
//
// Why a kill must happen twice, the second time with the failing test by itself: a test that fails now and then for
// reasons of its own would otherwise be counted as one that notices. What never ends is killed by the time limit, at
// once. What does not compile is no mutant and is not counted; what changes nothing anybody could see (an equivalent
// mutant) is, among the survivors, with that as its reason.
//
//	go run ./cmd/mutants                             300 of seed 1, half an hour of two processors
//	go run ./cmd/mutants -results r.jsonl -for 20m   a part of them; the same command again goes on from there
//	go run ./cmd/mutants -results r.jsonl -again     those that survived in r.jsonl once more, after tests were added
//	go run ./cmd/mutants -only 3fa9c2d1be            one of them, with what the tests said
//	go run ./cmd/mutants -list                       what would be drawn
package main
