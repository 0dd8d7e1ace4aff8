import { Agent, createServer, request } from "node:http";
import { turnsOf } from "./turns.ts";

/** The shortest reverse proxy that node:http makes: everything is passed on as it comes, nothing is parsed. */

const { port, nextPort } = turnsOf(process.argv.slice(2));
const agent = new Agent({ keepAlive: true, maxFreeSockets: 1024 });

createServer((incoming, response) => {
  const { method, url, headers } = incoming;
  const outgoing = request(
    { host: "127.0.0.1", port: nextPort(), method, path: url, headers, agent },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  outgoing.on("error", () => response.destroy());
  if (method === "GET") outgoing.end();
  else incoming.pipe(outgoing);
}).listen(port, "127.0.0.1");
