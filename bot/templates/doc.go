// Package templates is the list of flows to start from.
//
//	flows/NAME.yaml ──▶ read: which <<answers>> stand in it ──▶ bot.Template
//	                                                                │ Fill(name, answers)
//	                        the same text with the answers in place ◀┘
//
// A template is the text of a flow with gaps, not a program that writes one: what people read in the file is what they
// get in their draft, comments included, and they may change all of it. Two rules make the gaps safe. A gap stands
// inside a double-quoted text only, and an answer is written as that text's content, never as YAML or as an
// expression. (The one gap inside an expression is an hour of a fixed list.) And a line that ends in "#? answer" is
// there only when that was answered ("#? !answer": when it was not), as is what stands between a line "#? answer" and
// "#? end": a template asks only for what it cannot know and says nothing about the rest.
//
// Accounts and tables are not part of the text: a template says which stored accounts fit where it asks for one, and
// which tables it begins with, so that people can fill them before the first run. No template ends a run with "stop":
// that is told in the channel, and what concerns nobody should not be.
package templates
