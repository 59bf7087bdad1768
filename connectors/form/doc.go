// Package form is the connector "form": the trigger form.submitted, a dialog that a flow declares and people fill in.
//
//	/flow form FLOW · a posted button ──▶ dialog of with.fields ──ReadForm──▶ event {fields, by, place}
//
// Why the fields are declared like those of `ask: form` and of commands: one way to write them, one dialog, one check
// (engine/flow, FormFields). Who may open it is decided by the bot, as for starting a run by hand.
package form
