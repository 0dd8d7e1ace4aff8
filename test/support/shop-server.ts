import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A small stand-in for everything behind the balancer's listener: pages, logins, accounts, and another team's API. */
export interface ShopServer {
  readonly url: string;
  readonly port: number;
  /** `METHOD path user nonce` of every request, in order. */
  readonly requests: readonly { readonly path: string; readonly user: string; readonly nonce: string }[];
  /** Connections accepted so far. */
  readonly accepted: number;
  readonly sessions: Map<string, string>;
  /** Changes what is answered: another status, another nonce, and nothing once it has had `silentAfter` requests. */
  answer: { status?: number; nonce?: string; keepAlive?: boolean; silentAfter?: number };
  close(): Promise<void>;
}

export async function shopServer(port = 0): Promise<ShopServer> {
  const requests: { path: string; user: string; nonce: string }[] = [];
  const sessions = new Map<string, string>();
  let accepted = 0;
  let serial = 0;
  const server = createServer((request, response) => {
    const cookies = request.headers.cookie ?? "";
    const user = /user=([^;]*)/.exec(cookies)?.[1] ?? "";
    const path = request.url ?? "";
    const nonce = String(request.headers["x-nonce"]);
    requests.push({ path, user, nonce });
    request.resume().on("end", () => {
      if (requests.length > (shop.answer.silentAfter ?? Infinity)) return;
      const proof = { backend: "web-1", nonce: shop.answer.nonce ?? nonce };
      const reply = (status: number, body: object) => {
        const close = shop.answer.keepAlive === false ? { connection: "close" } : {};
        response.writeHead(shop.answer.status ?? status, { "content-type": "application/json", ...close });
        response.end(JSON.stringify(body));
      };
      if (path === "/login") {
        const session = `auth-1.${serial++}`;
        sessions.set(session, user);
        return reply(200, { ...proof, user, session });
      }
      if (path === "/account") {
        const whose = sessions.get(/session=([^;]*)/.exec(cookies)?.[1] ?? "");
        return whose === undefined ? reply(401, proof) : reply(200, { ...proof, user: whose });
      }
      return reply(200, proof);
    });
  });
  server.on("connection", () => (accepted += 1));
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const bound = (server.address() as AddressInfo).port;
  const shop: ShopServer = {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    requests,
    get accepted() {
      return accepted;
    },
    sessions,
    answer: {},
    async close() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, "close");
    },
  };
  return shop;
}
