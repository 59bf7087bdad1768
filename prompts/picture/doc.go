// Package picture draws flows: boxes from top to bottom, branches side by side.
//
//	flow.Flow ──Of──▶ prompts.Drawing ──lay──▶ shapes ──┬─SVG──▶ inline in a web page
//	                        │                           └─PNG──▶ a file in chat
//	                        └──Alt──▶ the same in words
//
// Why a layout of our own: a flow is a tree of rows, so that placing boxes needs no graph library; and one list of
// shapes makes both pictures alike. Nothing is said by colour alone: a risk has its sign and word, a state its word.
// The SVG has classes and presentation attributes only, no style, no script, and every text escaped, so that it may
// stand in a page under a strict Content-Security-Policy.
package picture
