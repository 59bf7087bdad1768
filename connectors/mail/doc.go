// Package mail is the connector "mail": sending by SMTP and, as a trigger, what arrives in a mailbox.
//
//	mail.message.send ── compose (go-mail) ──▶ Call.SendMail ──▶ the account's own server, and no other
//	mail.received     ◀── connectors/intake (IMAP, IDLE) ── Parse: a hostile message in, plain facts out
//
// Why sending is not idempotent: a mail server takes the same message twice. So the attempt is committed before the
// call, what came of it after, and only when neither is known a person is asked (R7): the run's journal is the log of
// what was sent. The Message-ID is made of the step's key, so that somebody who is asked can look for it.
//
// Why everything of a mail that is believed is bounded here: whoever knows the address writes what stands in it.
package mail
