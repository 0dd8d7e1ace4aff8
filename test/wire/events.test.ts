import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { MOST_WAITING_BYTES } from "../../lab/control/event-streams.ts";
import { startControl } from "../../lab/control/server.ts";
import type { JournalLine } from "../../lab/drill/events.ts";
import { createEventBus, type LabBus } from "../../lab/events/bus.ts";
import { events, type Connection, type EventsOptions } from "../../lab/events/client.ts";
import type { LabEvent } from "../../lab/events/event.ts";
import { HEARTBEAT_EVERY_MS } from "../../lab/events/sse.ts";
import type { StatusView } from "../../lab/trainee/views.ts";
import { systemClock } from "../../runtime/clock.ts";
import { seeded } from "../../runtime/random.ts";
import { during } from "../support/cleanup.ts";
import { createFakeWorld, type FakeWorld } from "../support/fake-world.ts";
import { createManualClock, type ManualClock } from "../support/manual-clock.ts";
import { readUntil } from "../support/read-stream.ts";
import { until } from "../support/until.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };

interface Lab {
  readonly clock: ManualClock;
  readonly world: FakeWorld;
  readonly bus: LabBus;
  readonly port: number;
  readonly base: string;
  readonly gathered: () => number;
  /** A drill begins. */
  begin(drill: string): void;
  /** Its journal gets a line. */
  append(reason?: string): void;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  close(): Promise<void>;
}

async function startLab(port = 0, state: () => unknown = () => ({ listener: "here" })): Promise<Lab> {
  const clock = createManualClock();
  const world = createFakeWorld(clock);
  let count = 0;
  const bus = createEventBus({
    clock,
    random: seeded(1),
    gather: async () => (count++, state() as StatusView),
  });
  bus.watch(world);
  const server = await startControl({
    port,
    token: TOKEN,
    instance: "i1",
    clock,
    listener: "127.0.0.1:1",
    world: () => world,
    drill: () => undefined,
    users: () => undefined,
    bus,
    onDown() {},
  });
  const address = server.server.address();
  const bound = typeof address === "object" && address ? address.port : 0;
  const base = `http://127.0.0.1:${bound}`;
  let lines: JournalLine[] = [];
  const lab: Lab = {
    clock,
    world,
    bus,
    port: bound,
    base,
    gathered: () => count,
    begin(drill) {
      lines = [];
      bus.begin({ drill, lines });
    },
    append(reason = "because") {
      const line: JournalLine = { seq: lines.length + 1, at: "", event: "refused", reason };
      lines.push(line);
      bus.appended(line);
    },
    get: (path, headers = AUTHORIZED) => fetch(`${base}${path}`, { headers }),
    close: () => server.close(),
  };
  return during(lab);
}

/** What a reader that keeps coming back has read. */
function reader(lab: Pick<Lab, "base">, options: Partial<EventsOptions> = {}) {
  const seen: LabEvent[] = [];
  const connections: Connection[] = [];
  const cancel = events(
    {
      base: lab.base,
      token: TOKEN,
      clock: systemClock,
      onConnection: (connection) => void connections.push(connection),
      ...options,
    },
    (event) => void seen.push(event),
  );
  onTestFinished(cancel);
  return {
    seen,
    connections,
    cancel,
    places: () => seen.flatMap((one) => (one.type === "journal" ? [`${one.drill}/${one.line.seq}`] : [])),
    isOpen: () => connections.at(-1)?.state === "open",
  };
}

const upTo = (drill: string, n: number): string[] => Array.from({ length: n }, (_, i) => `${drill}/${i + 1}`);

/** A client that reads only on demand. */
async function stuckReader(lab: Lab, path = "/v1/events"): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port: lab.port });
  onTestFinished(() => void socket.destroy());
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.pause();
  socket.write(
    `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${lab.port}\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`,
  );
  return socket;
}

describe("the events and the journal", () => {
  it.each(["/v1/events", "/v1/journal"])(
    "%s needs the token, and gathers nothing without it",
    async (path) => {
      const lab = await startLab();
      for (const headers of [{}, { authorization: "Bearer wrong" }]) {
        const answer = await lab.get(path, headers);
        expect(answer.status).toBe(401);
        expect(answer.headers.get("www-authenticate")).toBe("Bearer");
        expect(await answer.json()).toMatchObject({ error: { code: "UNAUTHORIZED" } });
      }
      expect([lab.gathered(), lab.world.listening]).toEqual([0, 0]);
    },
  );

  it("are not for pages from elsewhere", async () => {
    const lab = await startLab();
    for (const path of ["/v1/events", "/v1/journal"]) {
      const answer = await lab.get(path, { ...AUTHORIZED, origin: "http://evil.test" });
      expect(answer.status).toBe(403);
    }
  });

  it("the journal is all that is written so far", async () => {
    const lab = await startLab();
    expect(await (await lab.get("/v1/journal")).json()).toEqual({ schemaVersion: 1, drill: null, lines: [] });
    lab.begin("a");
    lab.append();
    expect(await (await lab.get("/v1/journal")).json()).toEqual({
      schemaVersion: 1,
      drill: "a",
      lines: [{ seq: 1, at: "", event: "refused", reason: "because" }],
    });
  });

  it("unknown types are refused", async () => {
    const lab = await startLab();
    const answer = await lab.get("/v1/events?types=journal,answers");
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: "USAGE" } });
  });

  it("a HEAD request opens no stream", async () => {
    const lab = await startLab();
    const status = await new Promise((resolve, reject) => {
      const { port } = lab;
      request({ port, path: "/v1/events", method: "HEAD", headers: AUTHORIZED }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on("error", reject)
        .end();
    });
    expect([status, lab.world.listening]).toEqual([404, 0]);
  });

  it("have headers for their type, their run, and no caching", async () => {
    const lab = await startLab();
    const answer = await lab.get("/v1/events?types=journal");
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-lblab-instance": "i1",
    });
    lab.begin("a");
    lab.append();
    expect(await readUntil(answer, "because")).toContain("id: a/1\nevent: journal\n");
  });
});

describe("a reader", () => {
  it("gets all types as they happen", async () => {
    const lab = await startLab();
    await lab.world.start({} as never, {} as never);
    const all = reader(lab);
    await until(all.isOpen, "the stream");
    lab.begin("a");
    lab.append();
    lab.world.emitUnit({ unit: "web-1", from: "active", to: "failed", reason: "", at: 1 });
    lab.world.emitChange({ id: "1", at: "", kind: "tune", by: "", summary: "", subjects: [], detail: "" });
    lab.world.mood = () => ({ result: "status", status: 503 });
    lab.clock.advance(500);
    const types = () => new Set(all.seen.map(({ type }) => type));
    await until(() => types().size === 6, "an event of each type");
  });

  it("keeps gathering going only while it is there", async () => {
    const lab = await startLab();
    const one = reader(lab);
    const other = reader(lab);
    await until(() => one.isOpen() && other.isOpen() && lab.world.listening > 0, "both streams");
    expect(lab.world.listening).toBe(4);
    lab.clock.advance(250);
    await until(() => other.seen.some(({ type }) => type === "traffic"), "an event");
    expect(lab.gathered()).toBeLessThanOrEqual(2);
    one.cancel();
    other.cancel();
    await until(() => lab.world.listening === 0, "the gathering to end");
  });

  it("gets a heartbeat while nothing happens", async () => {
    const lab = await startLab();
    const answer = await lab.get("/v1/events?types=journal");
    await until(() => lab.clock.pending > 0, "the stream");
    lab.clock.advance(HEARTBEAT_EVERY_MS);
    expect(await readUntil(answer, ":\n\n:\n\n")).toBe(":\n\n:\n\n");
  });

  it("that comes back gets each line once, wherever the connection was cut", async () => {
    const lab = await startLab();
    lab.begin("a");
    const places: string[] = [];
    let after: EventsOptions["after"];
    for (let cut = 0; cut < 6; cut++) {
      lab.append();
      const one = reader(lab, { types: ["journal"], ...(after === undefined ? {} : { after }) });
      await until(() => one.places().length > 0, "what was written meanwhile");
      for (let i = 0; i < cut; i++) lab.append();
      // Cut with lines on their way: what has not arrived comes with the next connection.
      await until(() => one.places().length > cut / 2, "some of the lines");
      one.cancel();
      const last = one.seen.at(-1);
      if (last?.type === "journal") after = { drill: last.drill, seq: last.line.seq };
      places.push(...one.places());
    }
    const rest = reader(lab, { types: ["journal"], ...(after === undefined ? {} : { after }) });
    lab.append();
    await until(() => places.length + rest.places().length >= 22, "the rest");
    expect([...places, ...rest.places()]).toEqual(upTo("a", 22));
  });

  it("comes back by itself, also to another lab, whose journal it gets from its first line", async () => {
    const first = await startLab();
    first.begin("a");
    first.append();
    first.append();
    const one = reader(first, { types: ["journal"] });
    await until(() => one.places().length === 2, "the first lines");
    await first.close();
    await until(() => one.connections.some(({ state }) => state === "lost"), "the end of the stream");
    const second = await startLab(first.port);
    second.begin("b");
    second.append();
    await until(() => one.places().length === 3, "the other lab's journal");
    expect(one.places()).toEqual(["a/1", "a/2", "b/1"]);
    expect(one.connections.map(({ state }) => state).filter((state) => state === "open")).toHaveLength(2);
  });

  it("gets the last lines of a lab that goes down, and the end of the stream", async () => {
    const lab = await startLab();
    lab.begin("a");
    const answer = await lab.get("/v1/events?types=journal");
    await until(() => lab.clock.pending > 0, "the stream");
    for (let i = 0; i < 500; i++) lab.append("x".repeat(200));
    const read = readUntil(answer, "nothing that ever comes");
    await lab.close();
    expect(await read).toContain("id: a/500\n");
  });

  it("is refused once, and does not come again", async () => {
    const lab = await startLab();
    const one = reader(lab, { token: "wrong" });
    await until(() => one.connections.length > 0, "the refusal");
    expect(one.connections).toMatchObject([
      { state: "refused", because: expect.stringContaining("401") as string },
    ]);
  });

  it("that cancels before it is connected gets nothing", async () => {
    const lab = await startLab();
    const one = reader(lab);
    one.cancel();
    await lab.get("/v1/journal");
    expect([one.connections, one.seen, lab.world.listening]).toEqual([[], [], 0]);
  });
});

describe("a reader that does not read", () => {
  it("is cut off before much waits for it, and the others go on", async () => {
    // As large as it can be that one event goes out at a time.
    const lab = await startLab(0, () => ({ listener: "x".repeat(MOST_WAITING_BYTES) }));
    const socket = await stuckReader(lab, "/v1/events?types=state");
    await until(() => lab.clock.pending > 0, "the stream");
    const closed = new Promise((resolve) => socket.on("close", resolve).on("error", () => {}));
    const other = reader(lab, { types: ["state"] });
    await until(() => other.isOpen(), "the other's stream");
    // The system's buffers of both ends are some megabytes.
    const timers = lab.clock.pending;
    for (let i = 0; i < 100 && lab.clock.pending === timers; i++) {
      const before = other.seen.length;
      lab.clock.advance(250);
      await until(() => other.seen.length > before, "the other's next event");
    }
    socket.resume();
    await closed;
    expect(other.connections.map(({ state }) => state)).toEqual(["open"]);
  });

  it("gets a long journal piece by piece, as it takes it, and is not cut off for its length", async () => {
    const lab = await startLab();
    lab.begin("a");
    const lines = 40;
    for (let i = 0; i < lines; i++) lab.append("x".repeat(MOST_WAITING_BYTES));
    const socket = await stuckReader(lab, "/v1/events?types=journal");
    await until(() => lab.clock.pending > 0, "the stream");
    let text = "";
    socket.resume().on("data", (bytes: Buffer) => (text += bytes.toString("latin1")));
    await until(() => text.includes(`id: a/${lines}\n`), "the last line");
    expect(text.match(/^id: a\/\d+$/gm)).toEqual(upTo("a", lines).map((place) => `id: ${place}`));
  });

  it("is cut off when it has taken nothing from one heartbeat to the next", async () => {
    const lab = await startLab();
    lab.begin("a");
    // More than the system takes, in lines of which not many wait.
    for (let i = 0; i < 400; i++) lab.append("x".repeat(MOST_WAITING_BYTES / 8));
    await stuckReader(lab, "/v1/events?types=journal");
    await until(() => lab.clock.pending > 0, "the stream");
    for (let i = 0; i < 3; i++) lab.clock.advance(HEARTBEAT_EVERY_MS);
    await until(() => lab.clock.pending === 0, "the stream to end");
  });
});
