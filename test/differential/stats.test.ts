import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBalancer, type RunningBalancer } from "../../lb/process.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { seeded } from "../../runtime/random.ts";
import { hasHaproxy, realHaproxy, type RealHaproxy } from "../support/real-haproxy.ts";
import { until } from "../support/until.ts";
import {
  deadUpstream,
  httpUpstream,
  rawUpstream,
  resettingUpstream,
  stalledUpstream,
  type TestUpstream,
} from "../support/upstreams.ts";

/** Bytes of the answer to /large, far more than all heads together. */
const LARGE = 400_000;
/** Long enough for a busy machine; those that are to answer do so at once. */
const RESPONSE_MS = 1500;
const CHECK_MS = 1500;
const GOOD = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

type Row = Readonly<Record<string, string>>;
type Rows = ReadonlyMap<string, Row>;

let directory: string;
let ours: RunningBalancer;
let theirs: RealHaproxy;
let upstreams: Record<string, TestUpstream>;
/** Those that are turned answer no health check any more, each in its way. */
let turned = false;

beforeAll(async () => {
  if (!hasHaproxy()) return;
  const turning = (turn: Parameters<typeof rawUpstream>[0]) =>
    rawUpstream((socket, head) => (turned ? turn(socket, head) : void socket.end(GOOD)));
  upstreams = {
    good: await httpUpstream(({ url }, response) =>
      response.end(url === "/large" ? "x".repeat(LARGE) : "hello"),
    ),
    dead: await deadUpstream(),
    reset: await resettingUpstream(),
    stall: await stalledUpstream(),
    bad: await httpUpstream((_, response) => response.writeHead(500).end("bad")),
    garbage: await rawUpstream((socket) => void socket.end("garbage\r\n\r\n")),
    cut: await rawUpstream((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", () =>
        setImmediate(() => socket.resetAndDestroy()),
      );
    }),
    turnsBad: await turning((socket) => void socket.end(GOOD.replace("200 OK", "500 No"))),
    turnsSilent: await turning(() => {}),
    turnsReset: await turning((socket) => void socket.resetAndDestroy()),
    turnsGarbage: await turning((socket) => void socket.end("garbage\r\n\r\n")),
    turnsAway: await turning((socket) => void socket.end()),
  };
  directory = mkdtempSync(join(tmpdir(), "lblab-stats-"));
  writeFileSync(join(directory, "lb.yaml"), JSON.stringify(ourConfig()));
  ours = await startBalancer(
    { configPath: join(directory, "lb.yaml") },
    { clock: systemClock, random: seeded(1), log: silentLog },
  );
  theirs = await realHaproxy(theirConfig());
}, 60_000);

afterAll(async () => {
  await ours?.stop(0);
  await theirs?.close();
  for (const upstream of Object.values(upstreams ?? {})) await upstream.close();
  if (directory) rmSync(directory, { recursive: true, force: true });
});

interface Member {
  readonly name: string;
  readonly to: string;
  readonly weight?: number;
  readonly state?: "drain" | "maintenance";
}
interface Pool {
  readonly members: readonly Member[];
  /** One attempt more, on these failures, elsewhere if there is somewhere else. */
  readonly retryOn?: "connect-failure" | "5xx" | "reset";
  readonly checks?: boolean;
  /** Requests. */
  readonly requests: number;
}

const alone = (to: string): Pool => ({ members: [{ name: "only", to }], requests: 2 });
const POOLS: Readonly<Record<string, Pool>> = {
  good: alone("good"),
  refused: alone("dead"),
  reset: alone("reset"),
  stall: alone("stall"),
  bad: alone("bad"),
  garbage: alone("garbage"),
  cut: alone("cut"),
  elsewhere: {
    members: [
      { name: "dead", to: "dead" },
      { name: "good", to: "good" },
    ],
    retryOn: "connect-failure",
    requests: 2,
  },
  again: { members: [{ name: "only", to: "dead" }], retryOn: "connect-failure", requests: 1 },
  repeated: {
    members: [
      { name: "bad", to: "bad" },
      { name: "good", to: "good" },
    ],
    retryOn: "5xx",
    requests: 2,
  },
  moved: {
    members: [
      { name: "reset", to: "reset" },
      { name: "good", to: "good" },
    ],
    retryOn: "reset",
    requests: 2,
  },
  checked: {
    members: [
      { name: "good", to: "good", weight: 2 },
      { name: "bad", to: "turnsBad" },
      { name: "silent", to: "turnsSilent" },
      { name: "reset", to: "turnsReset" },
      { name: "garbage", to: "turnsGarbage" },
      { name: "away", to: "turnsAway" },
      { name: "drained", to: "good", state: "drain" },
      { name: "kept-out", to: "good", state: "maintenance" },
      { name: "weightless", to: "good", weight: 0 },
    ],
    checks: true,
    requests: 0,
  },
  down: { members: [{ name: "only", to: "turnsBad" }], checks: true, requests: 0 },
  unchecked: {
    members: [
      { name: "here", to: "good" },
      { name: "drained", to: "good", state: "drain" },
      { name: "kept-out", to: "good", state: "maintenance" },
    ],
    requests: 0,
  },
};

const addressOf = ({ to }: Member): string => `127.0.0.1:${upstreams[to]?.port ?? 0}`;

function ourConfig(): object {
  return {
    listeners: [
      {
        name: "public",
        bind: "127.0.0.1:0",
        maxConnections: 50,
        routes: [
          ...Object.keys(POOLS).map((pool) => ({ path: `/${pool}`, pool })),
          { path: "/", pool: "good" },
        ],
      },
    ],
    pools: Object.fromEntries(
      Object.entries(POOLS).map(([name, { members, retryOn, checks }]) => [
        name,
        {
          policy: { type: retryOn ? "first" : "round-robin" },
          retry: retryOn ? { attempts: 1, on: [retryOn] } : { attempts: 0 },
          ...(checks && {
            health: { path: "/healthz", intervalMs: 200, timeoutMs: CHECK_MS, fall: 2, rise: 2 },
          }),
          upstreams: members.map((member) => ({
            name: member.name,
            address: addressOf(member),
            ...(member.weight !== undefined && { weight: member.weight }),
            ...(member.state && { state: member.state }),
          })),
        },
      ]),
    ),
    timeouts: { responseMs: RESPONSE_MS },
    admin: { bind: "127.0.0.1:0" },
  };
}

const RETRY_ON = { "connect-failure": "conn-failure", "5xx": "500", reset: "empty-response" } as const;

function theirConfig() {
  const server = (member: Member, checks: boolean): string =>
    [
      `  server ${member.name} ${addressOf(member)} maxconn 64`,
      ...(member.weight === undefined ? [] : [`weight ${member.weight}`]),
      ...(member.state === "maintenance" ? ["disabled"] : []),
      ...(checks ? ["check inter 200ms fall 2 rise 2"] : []),
    ].join(" ");
  const backend = ([name, { members, retryOn, checks = false }]: [string, Pool]): string =>
    [
      `backend ${name}`,
      `  retries ${retryOn ? 1 : 0}`,
      `  balance ${retryOn ? "first" : "roundrobin"}`,
      ...(retryOn ? [`  retry-on ${RETRY_ON[retryOn]}`] : []),
      ...(members.length > 1 ? ["  option redispatch 1"] : []),
      ...(checks ? ["  option httpchk GET /healthz", "  http-check expect rstatus ^[23]"] : []),
      ...members.map((member) => server(member, checks)),
    ].join("\n");
  return {
    global: `  maxconn 200\n  stats socket ${join(directory, "haproxy.sock")} level admin`,
    defaults: [
      "  timeout client 5s",
      "  timeout connect 2s",
      `  timeout server ${RESPONSE_MS}ms`,
      `  timeout check ${CHECK_MS}ms`,
      "  maxconn 50",
    ].join("\n"),
    frontend: [
      ...Object.keys(POOLS).map((pool) => `  use_backend ${pool} if { path_beg /${pool} }`),
      "  default_backend good",
    ].join("\n"),
    backends: Object.entries(POOLS).map(backend).join("\n"),
  };
}

/** Sends HAProxy a command of its runtime API. */
const commandHaproxy = (command: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect(join(directory, "haproxy.sock"));
    socket.on("error", reject);
    socket.on("close", () => resolve());
    socket.resume();
    socket.end(`${command}\n`);
  });

const portOf = { ours: () => ours.ports()["public"] ?? 0, theirs: () => theirs.port };
const SIDES = ["ours", "theirs"] as const;

/** Ends with the answer, whole or broken. */
const get = (port: number, path: string, agent: Agent | false = false): Promise<void> =>
  new Promise((resolve) => {
    const sent = request({ host: "127.0.0.1", port, path, agent }, (response) => {
      response.on("error", () => {});
      response.on("close", resolve).resume();
    });
    sent.on("error", () => resolve());
    sent.end();
  });

async function rowsOf(side: (typeof SIDES)[number]): Promise<Rows> {
  const url = side === "ours" ? `http://127.0.0.1:${ours.adminPort}` : theirs.statsUrl;
  const [head = "", ...lines] = (await (await fetch(`${url}/stats;csv;norefresh`)).text())
    .trimEnd()
    .split("\n");
  const columns = head.slice(2).split(",");
  return new Map(
    lines.map((line) => {
      const cells = line.split(",");
      const row = Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ""]));
      return [`${row["pxname"]}/${row["svname"]}`, row];
    }),
  );
}

/** A check that is under way is starred by HAProxy, and its code forgotten: a matter of the moment. */
const pick = (row: Row | undefined, columns: readonly string[]): Row =>
  Object.fromEntries(columns.map((column) => [column, (row?.[column] ?? "absent").replace(/^\* /, "")]));

// No `smax`: whether a session is over when the next one begins is a matter of the moment.
const ANSWERS = ["hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx", "hrsp_other", "req_tot"];
const FAILED = ["econ", "eresp", "wretr", "wredis", "lbtot", "cli_abrt", "srv_abrt"];
const STATE = ["status", "weight", "act", "bck", "chkfail", "chkdown"];
const FRONTEND = ["scur", "slim", "stot", "ereq", "status", "type", ...ANSWERS];
const BACKEND = ["qcur", "qmax", "scur", "stot", "type", ...FAILED, ...STATE, ...ANSWERS];
const SERVER = [...BACKEND, "slim", "sid", "check_status", "check_code"];
const columnsOf = (name: string): readonly string[] =>
  name.endsWith("/FRONTEND") ? FRONTEND : name.endsWith("/BACKEND") ? BACKEND : SERVER;

/** Where the two differ on purpose. */
const EXCEPTIONS: readonly {
  readonly row: RegExp;
  readonly columns: readonly string[];
  readonly why: string;
}[] = [
  {
    row: /^reset\//,
    columns: ["eresp"],
    why: "HAProxy 2.6 counts a reset before the answer twice, where it reads and where it gives up",
  },
];

function compare(theirRows: Rows, ourRows: Rows, names: (name: string) => boolean): void {
  const wanted = [...ourRows.keys()].filter(names);
  expect(wanted).not.toEqual([]);
  for (const name of wanted) {
    const excepted = new Set(EXCEPTIONS.flatMap(({ row, columns }) => (row.test(name) ? columns : [])));
    const underWay = theirRows.get(name)?.["check_status"]?.startsWith("* ");
    const columns = columnsOf(name).filter(
      (column) => !excepted.has(column) && !(underWay && column === "check_code"),
    );
    expect({ name, ...pick(ourRows.get(name), columns) }).toEqual({
      name,
      ...pick(theirRows.get(name), columns),
    });
  }
}

const statusIs = (side: (typeof SIDES)[number], rows: Readonly<Record<string, string>>) =>
  until(
    async () => {
      const now = await rowsOf(side);
      return Object.entries(rows).every(([name, status]) => now.get(name)?.["status"] === status);
    },
    `${side}: ${JSON.stringify(rows)}`,
  );

describe.skipIf(!hasHaproxy())("beside a real HAProxy", () => {
  it("counts the outcomes of requests", async () => {
    for (const side of SIDES)
      for (const [pool, { requests }] of Object.entries(POOLS))
        for (let i = 0; i < requests; i++) await get(portOf[side](), `/${pool}`);
    const [theirRows, ourRows] = [await rowsOf("theirs"), await rowsOf("ours")];
    compare(
      theirRows,
      ourRows,
      (name) =>
        POOLS[name.split("/")[0] ?? ""]?.checks !== true &&
        name !== "public/FRONTEND" &&
        !name.startsWith("unchecked/"),
    );
  });

  it("counts connections and requests of a frontend, and its bytes", async () => {
    for (const side of SIDES) {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let i = 0; i < 3; i++) await get(portOf[side](), "/large", agent);
      agent.destroy();
      await new Promise((resolve) => {
        const socket = connect(portOf[side](), "127.0.0.1")
          .on("close", resolve)
          .on("error", () => {});
        socket.resume();
        socket.end("NONSENSE\r\n\r\n");
      });
      await until(
        async () => (await rowsOf(side)).get("public/FRONTEND")?.["scur"] === "0",
        "all to be closed",
      );
    }
    const [theirRows, ourRows] = [await rowsOf("theirs"), await rowsOf("ours")];
    const bytes = (rows: Rows, column: string) => Number(rows.get("public/FRONTEND")?.[column]);
    expect(bytes(ourRows, "bout") / bytes(theirRows, "bout")).toBeCloseTo(1, 1);
    expect(bytes(ourRows, "bout")).toBeGreaterThan(3 * LARGE);
    expect(bytes(ourRows, "bin")).toBeGreaterThan(0);
    compare(theirRows, ourRows, (name) => name === "public/FRONTEND");
  });

  it("shows in which state upstreams are, and by which check", async () => {
    await commandHaproxy("set server checked/drained state drain");
    await commandHaproxy("set server unchecked/drained state drain");
    await commandHaproxy("set server unchecked/kept-out state maint");
    const well = Object.fromEntries(
      ["good", "bad", "silent", "reset", "garbage", "away"].map((name) => [`checked/${name}`, "UP"]),
    );
    for (const side of SIDES)
      await until(async () => {
        const rows = await rowsOf(side);
        return Object.keys(well).every((name) => rows.get(name)?.["check_status"]?.endsWith("L7OK"));
      }, `${side}: all to be checked`);
    const checked = (name: string) => /^(checked|down|unchecked)\//.test(name);
    compare(await rowsOf("theirs"), await rowsOf("ours"), checked);

    turned = true;
    const gone = Object.fromEntries(
      ["bad", "silent", "reset", "garbage", "away"].map((name) => [`checked/${name}`, "DOWN"]),
    );
    for (const side of SIDES) await statusIs(side, { ...gone, "down/only": "DOWN", "down/BACKEND": "DOWN" });
    compare(await rowsOf("theirs"), await rowsOf("ours"), checked);
    for (const side of SIDES) await get(portOf[side](), "/down");
    compare(await rowsOf("theirs"), await rowsOf("ours"), checked);

    turned = false;
    for (const side of SIDES) await statusIs(side, { ...well, "down/only": "UP", "down/BACKEND": "UP" });
    compare(await rowsOf("theirs"), await rowsOf("ours"), checked);
  });

  it.each(["/stats", "/stats;norefresh", "/stats;csv", "/stats/;csv", "/stats;csv;norefresh"])(
    "answers %s with the same type",
    async (path) => {
      const typeAt = async (url: string) =>
        (await fetch(`${url}${path}`)).headers.get("content-type")?.split(";")[0];
      expect(await typeAt(`http://127.0.0.1:${ours.adminPort}`)).toBe(await typeAt(theirs.statsUrl));
    },
  );
});
