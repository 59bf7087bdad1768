// Loaded before a counterpart: whatever it listens on is 127.0.0.1, also where it would open every interface.
const net = require('node:net')
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...args) {
  if (typeof args[0] === 'object' && args[0] !== null) {
    if (args[0].path === undefined) args[0] = { ...args[0], host: '127.0.0.1' }
  } else if (typeof args[1] === 'string') {
    args[1] = '127.0.0.1'
  } else {
    args.splice(1, 0, '127.0.0.1')
  }
  return listen.apply(this, args)
}
