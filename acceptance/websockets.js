// Driver of websockets.sh: ws servers behind Turnout and ws clients in front of it. Arguments: the command and its own.
'use strict';
const { once } = require('events');
const { WebSocket, WebSocketServer } = require('ws');

const [command, ...args] = process.argv.slice(2);

/** Echoes what it gets, and says its colour when asked; /refuse is refused, /bye is closed by the server. */
function serve(port, colour) {
  const server = new WebSocketServer({
    port: Number(port),
    host: '127.0.0.1',
    verifyClient: (info, done) => done(!info.req.url.startsWith('/refuse'), 403, 'no'),
  });
  server.on('connection', (socket, request) => {
    socket.on('message', (data, binary) =>
      socket.send(!binary && data.toString() === 'colour?' ? colour : data, { binary: binary }));
    if (request.url === '/bye') socket.close(4001, 'bye');
    if (request.url === '/early') socket.send('early');
  });
  server.on('listening', () => console.log('listening'));
}

async function open(url) {
  const socket = new WebSocket(url);
  await once(socket, 'open');
  return socket;
}

async function ask(socket, message) {
  const answer = once(socket, 'message');
  socket.send(message);
  const [data] = await answer;
  return data;
}

function check(what, actual, expected) {
  if (String(actual) !== String(expected)) {
    console.error(`FAILED: ${what}: ${actual} (expected: ${expected})`);
    process.exit(1);
  }
  console.log(`  ${what}`);
}

/** What one WebSocket does, both ways. */
async function basics(url) {
  const socket = await open(url);
  check('text comes back', await ask(socket, 'hello'), 'hello');
  const bytes = Buffer.alloc(1 << 20, 7);
  check('1 MiB of bytes comes back', (await ask(socket, bytes)).equals(bytes), true);
  const pong = once(socket, 'pong');
  socket.ping('p');
  check('a ping is answered', (await pong)[0], 'p');
  const closed = once(socket, 'close');
  socket.close(4000, 'done');
  check('the client closes, the code comes back', (await closed)[0], 4000);

  const bye = new WebSocket(url + '/bye');
  const [code, reason] = await once(bye, 'close');
  check('the server closes, code and reason arrive', `${code} ${reason}`, '4001 bye');

  const early = new WebSocket(url + '/early');
  check('a frame sent with the handshake arrives', (await once(early, 'message'))[0], 'early');
  early.close();

  const refused = new WebSocket(url + '/refuse');
  const [, response] = await once(refused, 'unexpected-response');
  check('a refused upgrade is an ordinary answer', response.statusCode, 403);
  process.exit(0);
}

/** Opens so many, and at each line of input has all of them send and receive; "end" closes them. */
async function hold(url, count) {
  const sockets = [];
  let cut = 0;
  for (let i = 0; i < Number(count); i++) {
    const socket = await open(url);
    socket.on('close', () => cut++);
    sockets.push(socket);
  }
  console.log(`open ${sockets.length}`);
  let round = 0;
  for await (const line of require('readline').createInterface({ input: process.stdin })) {
    if (line === 'end') break;
    if (line === 'wait') {
      const start = Date.now();
      while (cut < sockets.length && Date.now() - start < 30000) await new Promise(next => setTimeout(next, 20));
      console.log(`cut ${cut}`);
      continue;
    }
    round++;
    const answers = await Promise.all(sockets.map((socket, i) => ask(socket, `${round}-${i}`)));
    const wrong = answers.filter((data, i) => String(data) !== `${round}-${i}`).length;
    const colour = await ask(sockets[0], 'colour?');
    console.log(`round ${round} wrong ${wrong} cut ${cut} on ${colour}`);
  }
  process.exit(0);
}

({ serve, basics, hold })[command](...args);
