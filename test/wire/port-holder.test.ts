import { connect, createServer, type AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { portHolder } from "../../runtime/port-holder.ts";

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function listen(): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

test("the holder of a port is named by pid, program and command line", async () => {
  const port = await listen();
  const holder = await portHolder(port);
  expect(holder).toMatchObject({ pid: process.pid, name: expect.stringContaining("node") });
  expect(holder?.command).toContain("node");
});

test("a port that nobody listens on has no holder", async () => {
  const port = await listen();
  await new Promise((resolve) => servers.pop()?.close(resolve));
  expect(await portHolder(port)).toBeUndefined();
});

test("a process that is merely connected from a port is not its holder", async () => {
  const port = await listen();
  const client = connect(port, "127.0.0.1");
  await new Promise<void>((resolve) => client.once("connect", resolve));
  const from = client.localPort ?? 0;
  expect(await portHolder(from)).toBeUndefined();
  client.destroy();
});
