// Package slacktest is Slack as the bot meets it: people's clients, and a whole Slack on 127.0.0.1 behind them.
//
//	Command, Set, Press, Save ─▶ frame ─▶ slack.Take(handler) ─▶ acknowledgement and call ─▶ windows, messages
//	   (New, Client.Connect)                                                                     Client alone
//
//	Command, Set, Press, Save ─▶ delivery ─┬▶ socket ──────┬▶ slack.Surface ─▶ handler
//	Say, React, Join, Shortcut             └▶ signed HTTP ─┘        │
//	   (NewServer, Server.Client)                                   ▼
//	windows, messages, pages, files ◀── table of methods ◀── Web API, response_url          Client on a Server
//
// A client behaves where Slack is peculiar: a block id that it knows keeps what was typed into it, an answer to an older
// state of a window is refused, a trigger opens one window and only for three seconds, three windows lie on each other
// at most, errors name blocks that are there. What Slack would refuse fails the test.
//
// A Server has what a network and Slack do to bots as switches: sockets that are cut, silent or told to come back,
// acknowledgements that are lost, deliveries that come twice or again, methods that answer 429, 5xx, an error or
// nothing, revoked tokens, missing scopes, time that passes (Pass). It delivers until it is acknowledged, and counts.
// Every method of the Web API is a func in a table: table() has those of conversations, webMethods() the others.
//
// Why one lock for everything: the server, its sockets and all screens change together, so that what a test sees is one
// moment. Waiting is by a channel that every change closes (Until), not by sleeping.
package slacktest
