// Package feed is the connector "feed": the trigger feed.item, and how RSS, Atom and JSON Feed are read.
//
//	address ──Fetcher (guarded, ≤ 2 MiB, ETag)──▶ bytes ──nesting?──▶ gofeed ──▶ items
//	                                                                      │
//	    id: guid or atom:id, else the link, else a hash of title and link ┘
//
// Why so much distrust: what stands at an address that was a feed yesterday is anything today. A page instead of a
// feed, half of one, one in another character set or nested ten thousand deep is told in words, as a *connectors.Fault
// that people get to read. Which items are new is not decided here: that is connectors/intake, the same for all sources.
package feed
