// Packages lie where .ci/counterparts installed them, not beside the scripts.
const { createRequire } = require('node:module')
const { pathToFileURL } = require('node:url')
const path = require('node:path')
const fs = require('node:fs')

exports.from = (root) => {
  const require = createRequire(path.join(root, 'package.json'))
  return {
    require,
    // A package that has no entry for require has one for import.
    load: (name) => {
      const dir = path.join(root, 'node_modules', name)
      const at = JSON.parse(fs.readFileSync(path.join(dir, 'package.json'), 'utf8'))
      return import(pathToFileURL(path.join(dir, at.main)))
    },
  }
}

// serve answers POST /NAME with what handlers[NAME] makes of the JSON sent.
exports.serve = (port, handlers) => {
  const http = require('node:http')
  http.createServer(async (req, res) => {
    let text = ''
    for await (const part of req) text += part
    const done = (status, value) => {
      res.writeHead(status, { 'content-type': 'application/json' })
      res.end(JSON.stringify(value ?? null))
    }
    const handler = handlers[req.url.slice(1)]
    if (!handler) return done(404, 'no ' + req.url)
    try {
      done(200, await handler(text ? JSON.parse(text) : {}))
    } catch (e) {
      done(500, String(e && e.stack || e))
    }
  }).listen(Number(port))
}
