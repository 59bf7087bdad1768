// Slack's own framework as the receiver: it answers what is signed right, and tells what it understood.
const [root, port, secret] = process.argv.slice(2)
const { App, HTTPReceiver } = require('./from.cjs').from(root).require('@slack/bolt')
const receiver = new HTTPReceiver({ signingSecret: secret, endpoints: '/slack/events', logLevel: 'error' })
const app = new App({ receiver, logLevel: 'error', authorize: async () => ({ botToken: 'xoxb-1', botId: 'B1', botUserId: 'U0' }) })
app.command(/.*/, async ({ command, ack }) => ack({ text: 'seen ' + command.command + ' ' + command.text }))
app.action(/.*/, async ({ action, ack }) => ack())
app.start(Number(port))
