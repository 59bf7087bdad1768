// Slack's Web API and its OAuth, emulated. The third argument is the seed as JSON.
const [root, port, seed] = process.argv.slice(2)
require('./from.cjs').from(root).load('emulate').then(({ createEmulator }) =>
  createEmulator({ service: 'slack', port: Number(port), baseUrl: 'http://127.0.0.1:' + port, seed: JSON.parse(seed) }))
