// Package chat is the connector "chat": actions that speak in channels, and
// triggers that listen there.
//
//	chat.message.post ── Call.Post ──▶ Messenger (wired in cmd to the bot's delivery) ──▶ surface
//
//	what people say ── bot ── intake.Chats ──▶ chat.message (ParsePattern), chat.reaction
//
// Why the messenger takes a key: the step is repeated after a crash with the same key, and the channel must not
// see the message twice. Keeping that promise is the messenger's part, so that the action counts as repeatable.
package chat
