// Package watch is the connector "watch": the trigger watch.page, which starts a flow when what stands at an address
// changes.
//
//	address ──Fetcher──▶ bytes ──look──▶ text · bytes · one value of JSON ──hash──▶ same as before?
//	                                                                       └─▶ before and after, bounded
//
// Why a page is a source like a feed: the loop in connectors/intake gives it a baseline, a cursor, backoff and a first
// and only look at each change. A page has one item at a time; its id counts the changes, so that one that goes back
// to how it was has changed again.
package watch
