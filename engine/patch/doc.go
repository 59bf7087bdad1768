// Package patch says what a person changed in a value, so that the same change can be made to others.
//
//	shown ──┐                       #12  {"title": "Crash",  …} ──▶ {…, "project": "WEB"}
//	        ├─ Diff ──▶ [Op …] ──┬─▶ #13 {"title": "Slow",   …} ──▶ {…, "project": "WEB"}
//	typed ──┘          by path   └─▶ the flow's own `with` (engine/edit)
//
// Why not hand the whole typed value to all of them: runs that fail alike do not send alike. Only what was touched is
// changed, and each keeps its own data. The package is pure and knows nothing of runs and flows.
package patch
