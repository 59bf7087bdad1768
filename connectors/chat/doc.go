// Package chat is the connector "chat": actions that speak and act in channels, and triggers that listen there.
//
//	chat.message.post, .reply, .direct, .edit, .delete, .react        Call ──▶ Messenger (the bot) ──▶ surface
//	chat.thread.open, chat.topic.set, chat.file.upload
//	chat.member.list, chat.person.find                                (also in a dry run: they change nothing)
//
//	what people say, share, react with, choose; who joins ── bot ── intake.Chats ──▶ chat.message, chat.file,
//	                                                            chat.reaction, chat.shortcut, chat.joined
//
// Why the messenger takes a key: the step is repeated after a crash with the same key, and the channel must not
// see the message twice. Keeping that promise is the messenger's part, so that the action counts as repeatable.
//
// Why nearly everything is risk write: the bot speaks only where it was let in, to those who share that place or that
// workspace with it, and what it said can be changed or taken back; a person whom it can write to directly is one of
// them too. A flow whose channel has outsiders in it raises the risk itself (risk: send). Taking back a message is
// destroy, because nobody brings it back; looking somebody up is read.
//
// Why who is notified is a field of its own: a text is data, often somebody else's, and "@everyone" in it must stay
// words (R15). And why flows may change only what flows posted: a card that people decide by has to say what it said.
package chat
