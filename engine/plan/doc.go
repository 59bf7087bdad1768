// Package plan makes what a step would do into a value that can be shown, approved and compared.
//
//	step's input ──known parts──▶ Plan ──Hash──▶ "7f3a91c2": what an approval authorises
//	             ──unknown─────▶ {"$from": "steps.ticket.body.id"}
//
// Why a value: what a person saw and what runs are compared as bytes, so that nothing can be changed between the
// asking and the doing without asking again (RELIABILITY A-12).
package plan
