// Discord's own check of signed interactions, and signatures made by another implementation than ours.
const [root, port] = process.argv.slice(2)
const { from, serve } = require('./from.cjs')
const { verifyKey } = from(root).require('discord-interactions')
const crypto = require('node:crypto')
const pair = crypto.generateKeyPairSync('ed25519')
const publicKey = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
serve(port, {
  verify: ({ body, signature, timestamp, key }) => verifyKey(body, signature, timestamp, key),
  sign: ({ body, timestamp }) => ({ key: publicKey, signature: crypto.sign(null, Buffer.from(timestamp + body), pair.privateKey).toString('hex') }),
})
