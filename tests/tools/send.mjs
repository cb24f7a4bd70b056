// send.mjs BASE REQUESTS: sends the requests of a JSON file, and prints what is answered as JSON, by their names.

import { readFile } from 'node:fs/promises'

import { ask } from './http.mjs'

const [base, file] = process.argv.slice(2)
const answers = {}
for (const { name, method = 'GET', path, headers, body, times = 1 } of JSON.parse(await readFile(file, 'utf8'))) {
  answers[name] = await ask(base, method, path, { headers, body: body?.repeat(times) })
}
console.log(JSON.stringify(answers))
