// Package pulse notices that nobody is at the other end of a WebSocket any more.
//
//	tick ─▶ nothing heard for [Quiet] ticks ─▶ ping ─▶ anything heard: alive, from the beginning
//	                                              └─▶ nothing for [Patience] ticks, and pings were answered before, here or
//	                                                  on the connection before ─▶ dead
//
// Why: a connection whose other end vanished without a word (a cable, a router that forgot it, a machine that froze)
// looks exactly like one on which nothing happens. TCP tells after many minutes, the platforms' own heartbeats after most
// of one. Every WebSocket peer is to answer a ping (RFC 6455, 5.5.2), so a silence is asked about within seconds.
//
// Why so much care: to leave a good connection is worse than to keep a dead one for a minute. A peer that never answered
// pings stays for the platform's heartbeat to judge, and so does the next connection after one that never did. Slack is
// said to answer late at times (slackapi/bolt-js 2496): who took long before, on whichever connection, is waited for
// longer by twice as much. And a peer is left for its silence twenty times in twenty minutes at most: Slack lets sockets
// be opened about as often (apps.connections.open, tier 1).
//
// Why ticks and not the clock: a program that was stopped itself, or starved, or is busy with what it read last, has
// heard nothing for a while and has no one to blame. Ticks that did not happen do not count, nor do those while what was
// read is worked on.
package pulse
