// Package counterparttest starts the real programs that connectors and chat platforms are tested against, each in a
// temporary directory and on free ports of 127.0.0.1, for as long as a test runs.
//
//	test ──▶ Mailpit(t) · Dovecot(t) · Radicale(t) ──▶ a process, its address, the certificate to trust
//	     ──▶ Bolt(t) · Ed25519(t) · Twin(t) · Emulate(t) ──▶ node node/NAME.cjs, with the packages .ci/node names
//
// Why real ones: a fake that we write ourselves agrees with our own mistakes. Where a program is not installed the
// test is skipped, and says so; .ci/counterparts installs them.
package counterparttest
