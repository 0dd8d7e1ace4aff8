import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { portHolder, foreignProgramsOn } from "../../runtime/port-holder.ts";

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

test("a port that nothing listens on has no holder", async () => {
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

test("a foreign process on a port is named, on whatever address of this machine it listens", async () => {
  const port = await listen();
  const named = [{ port, holder: expect.objectContaining({ pid: process.pid }) as unknown }];
  expect(await foreignProgramsOn([port], () => [])).toEqual(named);
  expect(await foreignProgramsOn([port], () => [process.pid])).toEqual([]);
  const besides = spawn(process.execPath, [
    "-e",
    `require("node:net").createServer().listen(${port}, "127.0.0.2", () => console.log("there"))`,
  ]);
  onTestFinished(() => void besides.kill("SIGKILL"));
  await once(besides.stdout, "data");
  expect(await foreignProgramsOn([port], () => [process.pid])).toEqual([
    { port, holder: expect.objectContaining({ pid: besides.pid }) as unknown },
  ]);
});

test("there is no foreign process on a free port", async () => {
  const port = await listen();
  await new Promise((resolve) => servers.pop()?.close(resolve));
  expect(await foreignProgramsOn([port], () => [])).toEqual([]);
});
