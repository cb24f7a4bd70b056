// One request, told whole: the answer's status, its headers in order with every Set-Cookie, and its body.

import http from 'node:http'

export const agent = new http.Agent({ keepAlive: false })

export function ask(base, method, path, { headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(new URL(path, base), { method, headers, agent }, async (response) => {
      const chunks = []
      for await (const chunk of response) chunks.push(chunk)
      const pairs = []
      for (let at = 0; at < response.rawHeaders.length; at += 2) {
        pairs.push([response.rawHeaders[at].toLowerCase(), response.rawHeaders[at + 1]])
      }
      resolve({ status: response.statusCode, headers: pairs, body: Buffer.concat(chunks).toString('base64') })
    })
    request.on('error', reject)
    request.end(body)
  })
}
