// Package storagetest is the contract of a store as tests: what the runtime, the flow library, the bot and the vault
// ask of storage, checked against any implementation.
//
//	storagetest.Run(t, open) ─┬─ accept, commit, lists     engine/local.Store
//	                          ├─ flows                     engine/flows.Store
//	                          ├─ people, logins            bot.People
//	                          ├─ outbox, inbox, messages   bot.Outbox, bot.Inbox, bot.Messages
//	                          ├─ audit, secrets            bot.Auditor, vault.Records
//	                          └─ races                     all of it at once
//
// The comments of those interfaces are the contract; a test here states one sentence of them. What only one store
// can do (disks that fill up, processes that die) is tested beside that store.
package storagetest
