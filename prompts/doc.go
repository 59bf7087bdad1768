// Package prompts holds everything the bot asks and tells: cards, forms and their words, in English and French.
//
//	engine facts (RunView, AskView, …)
//	      │  Ask, Outcome, Alert, Ended, FixForm, …        builders: which facts, in which order, with which buttons
//	      ▼
//	 Card / Form   neutral: tone, lines of spans, blocks, buttons with tokens
//	      │  Fit, FitForm, Pages                           the only code that cuts or pages; limits are data
//	      ▼
//	 PlainCard (here) · bot/console · bot/slack · bot/discord  renderers: total functions, each escapes for its platform
//
// Why it is apart from bot: the same card must say the same on every surface, so what is said is decided once, here,
// by pure functions, and a platform's frame is chosen later. Text from outside only ever stands in Plain, Strong,
// Code or Pre; builders make no markup, so that a renderer cannot be tricked by what a webhook sent (R15).
//
// Words: the English text is the message id, gettext fashion. [T] translates; a test collects every text used in the
// repository and fails when the French catalogue in locale/ lacks one. {name} in a text is replaced by an argument;
// an argument called n chooses the plural.
package prompts
