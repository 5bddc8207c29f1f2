import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

/**
 * Plays every host beyond the one that runs jobs. Arguments: the addresses it has, once a line comes on its standard
 * input, and before an empty argument the ports. Says `up` when it listens; answers everybody who asks, and a number by so
 * many datagrams.
 */
const empty = process.argv.indexOf("");
const ports = process.argv.slice(2, empty).map(Number);
const addresses = process.argv.slice(empty + 1);
const ANSWER = "world";

await once(createInterface({ input: process.stdin }), "line");
for (const port of ports) {
  const server = createServer((socket) => socket.on("error", () => undefined).end(ANSWER));
  await once(server.listen(port, "::"), "listening");
  // One for each address, so that an answer comes from where the question went.
  for (const address of addresses) {
    const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
    socket.on("message", (question, { port: back, address: to }) => {
      const times = Number(question.toString("latin1"));
      const answers = times > 1 ? Array<Buffer>(times).fill(Buffer.alloc(1000)) : [ANSWER];
      for (const one of answers) socket.send(one, back, to);
    });
    socket.bind(port, address);
    await once(socket, "listening");
  }
}
console.log("up");
