// Package bot is what people meet: it takes what they type and press from any surface, decides whether they may,
// tells the engine, and keeps the cards in their channels true.
//
//	slack · discord · console (their own folders)
//	     │ In                                    ▲ Card, by key, edited in place
//	     ▼                                       │
//	  Handle ── who is it? ── what is it? ── may they?        Deliver ◀── Wake, slow tick
//	     │      person        grammar or      rights.go          │ oldest first: what is to be shown, and where
//	     │                    stored intent                      ▼
//	     │                              copies ──▶ a lane for each channel ──▶ gate (pace) ──▶ surface
//	     ▼                                 ▲ one transaction     waits, fails and is posted by itself
//	 Intake / Signal / Flows / People  ──── commit ────▶  Outbox of notices
//	 Drafts: pages ──edits──▶ text ──▶ the draft's one card, before each who builds it
//
// Why it is so:
//
//   - A click is only a random token. What it means was stored when the card was made, who may is decided when it
//     is pressed, and whether it still counts is judged by the engine, in its transaction (two people at once, an
//     old plan, an expired question). So a forged, old or doubled click cannot do harm, and everybody gets the true
//     answer.
//   - Nothing is said but from a committed notice, rendered from the run as it is now. A crash between posting and
//     remembering posts the same card key again, which surfaces turn into an edit; so there is one card per thing.
//   - One thing may have to stand in several places, and some of them cannot be reached now. So what a notice asks for
//     is decided once (absorb), and each copy is shown by the lane of its channel, with its own due time in the store:
//     in order within the channel, without regard to the others. While a copy waits a newer draft takes its place, so
//     changes cost one edit and nobody reads what is over. A surface that is down makes its copies wait for as long as
//     it takes; a question that stands nowhere for too long is asked elsewhere as well (fallback.go), and the operator
//     hears of the outage once (outage.go).
//   - Whoever posts, lane or flow, goes through the gate of the channel (pace.go): first come, first served, at the rate
//     that the platform allows. A 429 blocks that channel, or the workspace when the platform says so, and nobody else.
//   - Flows are built in dialogs whose state is stored with their token (page.go): what was opened on which revision
//     of the draft, and what was answered before. So a dialog survives a restart, a save on an outdated draft is
//     noticed, and what somebody typed is there until it counts. Nothing of a draft lives here: each save is an edit
//     of its text (engine/edit), and what cards say is read from that text again (package build, the pure part).
//   - A token is bound to whom and where it was shown: a private answer's works for nobody else, and none comes back from
//     another surface. An account is surface, workspace and user together; where a user has one id everywhere the surface
//     says so ([Worldwide]), and no other is ever looked up without its workspace.
//   - Who speaks to the bot is answered once an hour at most unless it is a command, and apps never: two of them would talk
//     without end. What a message cannot do (open a dialog) is behind a button.
//   - What is in somebody's way is mended where they meet it: a right is asked for (plea.go), who is asked is reminded
//     (nudge.go), a card that was refused goes where it belongs once the bot is let in (tryagain.go).
//   - Whoever may do what is one pure function, [Allowed]; what an alert does is one pure function, decideAlert.
package bot
