// ask.mjs BASE SOCKET PACKAGES IO: asks the routes of tests/fixtures/move/workspace, and prints what they answer as
// JSON. SOCKET is the address of the WebSocket server, IO that of Socket.IO; `ws` and `socket.io-client` are among the
// installed PACKAGES.
//
// Each answer has its status, its headers in order with every Set-Cookie, and its body. Streams are shown to be
// streams: what comes second comes when it is asked for, after the first has come.

import { once } from 'node:events'
import http from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'

import { agent, ask as send } from './http.mjs'

const load = createRequire(join(process.argv[4], 'package.json'))
const WebSocket = load('ws')
const { io } = load('socket.io-client')
const base = new URL(process.argv[2])

const ask = (method, path, options) => send(base, method, path, options)

/** Opens a stream; its `next` gives what has come since, at least something. */
function open(path) {
  return new Promise((resolve, reject) => {
    const request = http.get(new URL(path, base), { agent }, (response) => {
      const parts = response[Symbol.asyncIterator]()
      const next = async () => {
        const { value, done } = await parts.next()
        return done ? null : value.toString()
      }
      resolve({ response, next, leave: () => request.destroy() })
    })
    request.on('error', (error) => (error.code === 'ECONNRESET' ? undefined : reject(error)))
  })
}

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const json = { 'content-type': 'application/json' }
const answers = {}
for (const [name, method, path, options] of [
  ['read', 'GET', '/api/orders/a%20b?cents=1999', { headers: { cookie: 'a=1; b=2' } }],
  ['head', 'HEAD', '/api/orders/7'],
  ['write', 'PUT', '/api/orders/7', { headers: json, body: '{"cents":5}' }],
  ['write what is not valid', 'PUT', '/api/orders/7', { headers: json, body: '{"cents":-5}' }],
  ['remove', 'DELETE', '/api/orders/7'],
  ['fail', 'PATCH', '/api/orders/7'],
  ['a method that is not exported', 'POST', '/api/orders/7', { body: 'x' }],
  ['options that are not exported', 'OPTIONS', '/api/orders/7'],
  ['options that are exported', 'OPTIONS', '/api/files/x', { headers: { origin: 'https://shop.example' } }],
  ['several segments', 'GET', '/api/files/a/b%2Fc/d?x=1&x=2'],
  ['redirect', 'GET', '/api/files/old'],
  ['read a note', 'GET', '/api/notes/a%20b?tag=x&tag=y&id=z', { headers: { cookie: 'theme=dark%20blue' } }],
  ['write a note as JSON', 'PUT', '/api/notes/7', { headers: json, body: '{"text":"ü"}' }],
  ['write a note as a form', 'PUT', '/api/notes/7', { headers: form, body: 'text=a+b&text=c' }],
  ['write a note as text', 'PUT', '/api/notes/7', { headers: { 'content-type': 'text/plain' }, body: 'plain' }],
  ['write a note without a body', 'PUT', '/api/notes/7', { headers: json }],
  ['write a note that is no JSON', 'PUT', '/api/notes/7', { headers: json, body: '{' }],
  ['remove a note', 'DELETE', '/api/notes/7'],
  ['change a note', 'PATCH', '/api/notes/7'],
  ['another method for a note', 'POST', '/api/notes/7'],
  ['a body that is not parsed', 'POST', '/api/hook', { headers: json, body: '{ "as":  "it is" }' }],
  ['echo', 'POST', '/api/files/x', { headers: { 'content-type': 'image/png' }, body: Buffer.alloc(300_000, 7) }],
]) {
  answers[name] = await ask(method, path, options)
}

const stream = await open('/api/stream')
answers.stream = [await stream.next()]
answers.stream.push((await ask('POST', '/api/stream')).status)
answers.stream.push(await stream.next())
answers.stream.push(await stream.next())

const events = await open('/api/events')
answers.events = [events.response.headers['content-type'], await events.next()]
await ask('POST', '/api/events', { body: 'news' })
answers.events.push(await events.next())
events.leave()
// Who leaves is forgotten: asked until it is so.
while (JSON.parse(Buffer.from((await ask('POST', '/api/events', { body: '' })).body, 'base64')).listeners > 0);

answers.chat = [(await ask('GET', '/api/chat')).status]
const socket = new WebSocket(process.argv[3])
await once(socket, 'open')
for (const message of ['hello', 'ü'.repeat(70_000)]) {
  socket.send(message)
  const [echo] = await once(socket, 'message')
  answers.chat.push(echo.toString())
}
answers.chat.push((await ask('GET', '/api/chat')).body)
socket.close()
await once(socket, 'close')

// The first request makes the server of Socket.IO, which answers all others of this path.
await ask('GET', '/api/io')
const client = io(process.argv[5], { path: '/api/io', addTrailingSlash: false })
answers.io = await client.timeout(10_000).emitWithAck('echo', 'hello')
client.close()

console.log(JSON.stringify(answers))
