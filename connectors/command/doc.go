// Package command is the connector "command": the trigger command.used, a command of the flow's own.
//
//	/oncall alice "disk full" prio=1 ──Arguments──▶ given, by parameter ──ReadForm──▶ event {parameters, by, place}
//	                                                     │ one that is required is missing: a dialog asks
//
// Why parameters are declared as a form's fields: what is not typed is asked for in a dialog, and both give the same
// event. Arguments is pure; which flow owns a command, and who may use it, is the bot's.
package command
