// Package describe puts flows into words: what starts one, when it runs, what its steps do, what it may do from now
// on, and how two versions differ.
//
//	*flow.Flow, expression ──▶ engine.Text{message id, args} ──prompts.T──▶ English, French
//
// Sentences are message ids with arguments, never text put together here, because words change places from one
// language to the next; an argument may itself be an engine.Text. What has no words of its own, a condition beyond the simple ones, is shown as its author wrote it.
package describe
