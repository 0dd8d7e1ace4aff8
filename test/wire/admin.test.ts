import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changeAlone } from "../../lab/cli/act/upstream.ts";
import { mutate } from "../fuzz/config-mutations.ts";
import { examineConfig } from "../fuzz/examine-config.ts";
import { startBalancer, type RunningBalancer } from "../../lb/process.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { seeded } from "../../runtime/random.ts";
import { until } from "../support/until.ts";
import { httpUpstream, type TestUpstream } from "../support/upstreams.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";

let directory: string;
let configPath: string;
let upstream: TestUpstream;
let balancer: RunningBalancer;

interface Changes {
  readonly weight?: number | string;
  readonly bind?: string;
  readonly admin?: string;
  readonly more?: string;
}

const yaml = ({
  weight = 1,
  bind = "127.0.0.1:0",
  admin = "127.0.0.1:0",
  more = "",
}: Changes = {}) => `listeners:
  - { name: public, bind: "${bind}", routes: [{ path: /, pool: web }] }
pools:
  web:
    policy: { type: round-robin }
    upstreams:
      - { name: web-1, address: "127.0.0.1:${upstream.port}", weight: ${weight} }
admin: { bind: "${admin}" }
${more}`;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "admin-"));
  configPath = join(directory, "lb.yaml");
  writeFileSync(join(directory, "token"), `${TOKEN}\n`, { mode: 0o600 });
  upstream = await httpUpstream((_request, response) => void response.end("hello"));
  writeFileSync(configPath, yaml());
  balancer = await startBalancer(
    { configPath, adminTokenPath: join(directory, "token") },
    { clock: systemClock, random: seeded(1), log: silentLog },
  );
});
afterEach(async () => {
  await balancer.stop(0);
  await upstream.close();
  rmSync(directory, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Not `fetch`: it does not send a given Host or Origin. */
function ask(
  method: string,
  path: string,
  {
    body,
    headers = {},
    port = balancer.adminPort,
  }: { body?: string | Buffer; headers?: Record<string, string>; port?: number } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { method, path, port, host: "127.0.0.1", headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

const BEARER = { authorization: `Bearer ${TOKEN}` };
const change = (method: string, path: string, body?: string | Buffer, headers: Record<string, string> = {}) =>
  ask(method, path, {
    ...(body === undefined ? {} : { body }),
    headers: {
      ...BEARER,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
  });
const front = () => ask("GET", "/", { port: balancer.ports()["public"] ?? 0 });
const errorOf = ({ text }: Answer) =>
  (JSON.parse(text) as { error: { code: string; message: string } }).error;

describe("a listener with a limit", () => {
  const limited = (maxConnections: number) =>
    yaml().replace("routes:", `maxConnections: ${maxConnections}, routes:`);
  const hasPlace = async (client: Socket): Promise<boolean> => {
    let answer = "";
    client.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await until(() => client.closed || answer.includes("hello"), "an answer or the end");
    return answer.includes("hello");
  };
  const open = () => connect(balancer.ports()["public"] ?? 0, "127.0.0.1").on("error", () => {});

  it("closes connections beyond it, and has room again as others leave or the limit is raised", async () => {
    await change("PUT", "/config", limited(2));
    const clients = [open(), open()];
    expect(await Promise.all(clients.map(hasPlace))).toEqual([true, true]);
    expect(await hasPlace(open())).toBe(false);
    clients[0]?.destroy();
    const open1 = async () =>
      (await ask("GET", "/metrics")).text.includes('lb_listener_connections{listener="public"} 1');
    await until(open1, "its place to be free");
    clients.push(open());
    expect(await hasPlace(clients[2] ?? expect.fail())).toBe(true);
    await change("PUT", "/config", limited(3));
    clients.push(open());
    expect(await hasPlace(clients[3] ?? expect.fail())).toBe(true);
    expect((await ask("GET", "/metrics")).text).toContain(
      'lb_listener_connections_refused_total{listener="public"} 1',
    );
    for (const client of clients) client.destroy();
  });
});

describe("looking", () => {
  it("needs no token", async () => {
    await front();
    const metrics = await ask("GET", "/metrics");
    expect(metrics.status).toBe(200);
    expect(metrics.text).toContain(
      'lb_http_requests_total{route="public/0",pool="web",code="200",origin="upstream",flag="-"} 1',
    );
    expect(JSON.parse((await ask("GET", "/healthz")).text)).toEqual({ status: "ok", version: 1 });
    expect((await ask("GET", "/stats")).text).toContain("<td>web-1</td>");
  });

  it("shows HAProxy's columns", async () => {
    await front();
    const [head = "", ...lines] = (await ask("GET", "/stats;csv")).text.trimEnd().split("\n");
    const columns = head.slice(2).split(",");
    const rows = lines.map((line) => {
      const cells = line.split(",");
      return Object.fromEntries(columns.map((column, i) => [column, cells[i]]));
    });
    expect(rows.map(({ pxname, svname }) => `${pxname}/${svname}`)).toEqual([
      "public/FRONTEND",
      "web/web-1",
      "web/BACKEND",
    ]);
    expect(rows[0]).toMatchObject({ stot: "1", req_tot: "1", scur: "0", smax: "1" });
    expect(Number(rows[0]?.["bin"])).toBeGreaterThan(0);
    expect(rows[1]).toMatchObject({
      status: "no check",
      weight: "1",
      slim: "64",
      scur: "0",
      smax: "1",
      stot: "1",
      hrsp_2xx: "1",
      econ: "0",
      wretr: "0",
    });
    expect(rows[2]).toMatchObject({ qcur: "0", qmax: "0" });
    expect(columns.slice(0, 19).join()).toBe(
      "pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight",
    );
  });

  it("shows the configuration in force under its version", async () => {
    const answer = await ask("GET", "/config");
    expect(answer.text).toBe(yaml());
    expect(answer.headers["etag"]).toBe('"1"');
  });

  it("shows pools and their upstreams", async () => {
    const { pools } = JSON.parse((await ask("GET", "/pools")).text) as {
      pools: { pool: string; upstreams: object[] }[];
    };
    expect(pools).toMatchObject([{ pool: "web", policy: "round-robin", queueLimit: 128 }]);
    expect(pools[0]?.upstreams).toMatchObject([
      { pool: "web", upstream: "web-1", state: "UP", status: "no check", weight: 1 },
    ]);
  });

  it("answers unknown paths in the same form", async () => {
    expect(errorOf(await ask("GET", "/nothing"))).toMatchObject({ code: "NOT_FOUND" });
    expect(errorOf(await ask("GET", "/config/history/99"))).toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("access", () => {
  const local = () => `127.0.0.1:${balancer.adminPort}`;

  it.each(["evil.test", "127.0.0.1", "127.0.0.1:1", "evil.test:80"])(
    "is refused under the name %j",
    async (host) => {
      const answer = await ask("GET", "/metrics", { headers: { host } });
      expect(answer.status).toBe(403);
      expect(errorOf(answer).code).toBe("HOST_REFUSED");
    },
  );

  it.each(["localhost", "[::1]"])("is granted under the name %s with its port", async (name) => {
    const answer = await ask("GET", "/healthz", { headers: { host: `${name}:${balancer.adminPort}` } });
    expect(answer.status).toBe(200);
  });

  it.each([
    ["a foreign Origin", { origin: "http://evil.test" }],
    ["a null Origin", { origin: "null" }],
    ["another port's Origin", { origin: "http://127.0.0.1:1" }],
    ["Sec-Fetch-Site: cross-site", { "sec-fetch-site": "cross-site" }],
    ["Sec-Fetch-Site: same-site", { "sec-fetch-site": "same-site" }],
  ])("no page with %s", async (_what, headers) => {
    const answer = await change("PUT", "/config", yaml({ weight: 2 }), headers);
    expect(answer.status).toBe(403);
    expect(errorOf(answer).code).toBe("ORIGIN_REFUSED");
    expect((await ask("GET", "/metrics", { headers })).status).toBe(403);
    expect(balancer.version).toBe(1);
  });

  it("is granted to its own page, with the token", async () => {
    const headers = { origin: `http://${local()}`, "sec-fetch-site": "same-origin" };
    expect((await change("PUT", "/config", yaml({ weight: 2 }), headers)).status).toBe(200);
  });

  it.each([
    ["PUT", "/config"],
    ["POST", "/config/validate"],
    ["POST", "/config/rollback"],
    ["PATCH", "/upstreams/web-1"],
    ["DELETE", "/anything"],
  ])("is refused without the token: %s %s", async (method, path) => {
    for (const headers of [{}, { authorization: "Bearer wrong" }, { authorization: TOKEN }]) {
      // Not JSON, and too long: refused before it is read.
      const answer = await ask(method, path, {
        body: "x".repeat(100_000),
        headers: { ...headers, "content-length": "100000", connection: "close" },
      });
      expect(answer.status).toBe(401);
      expect(errorOf(answer).code).toBe("UNAUTHORIZED");
    }
    expect(balancer.version).toBe(1);
  });

  it("by GET changes nothing, not even with the token", async () => {
    for (const path of ["/config/validate", "/config/rollback", "/upstreams/web-1?weight=0"])
      expect((await change("GET", path)).status).toBe(404);
    expect(balancer.version).toBe(1);
  });

  it("is never by a token that others can read", async () => {
    const path = join(directory, "open-token");
    writeFileSync(path, TOKEN, { mode: 0o644 });
    const start = startBalancer(
      { configPath, adminTokenPath: path },
      { clock: systemClock, random: seeded(1), log: silentLog },
    );
    await expect(start).rejects.toThrow("its mode must be 0600");
  });
});

describe("applying a configuration", () => {
  it("takes effect, is kept, and has its author and reason", async () => {
    const answer = await change("PUT", "/config", yaml({ weight: 7 }), {
      "content-type": "application/yaml",
      "x-author": "ann",
      "x-reason": encodeURIComponent("more — now"),
    });
    expect(answer.status).toBe(200);
    expect(answer.headers["etag"]).toBe('"2"');
    expect(readFileSync(configPath, "utf8")).toBe(yaml({ weight: 7 }));
    const { active, versions } = JSON.parse((await ask("GET", "/config/history")).text) as {
      active: number;
      versions: object[];
    };
    expect(active).toBe(2);
    expect(versions).toMatchObject([
      { version: 1, author: "file" },
      { version: 2, author: "ann", reason: "more — now" },
    ]);
    expect((await ask("GET", "/config/history/1")).text).toBe(yaml());
    expect((await ask("GET", "/metrics")).text).toContain("lb_config_version 2");
  });

  it("keeps no control characters of an author and a reason, which end up on terminals", async () => {
    const escape = encodeURIComponent("\u001b[2Jann\r\nX: y\u0007\u009b31m\u0000");
    const answer = await change("PUT", "/config", yaml({ weight: 7 }), {
      "content-type": "application/yaml",
      "x-author": escape,
      "x-reason": escape,
    });
    expect(answer.status).toBe(200);
    const { versions } = JSON.parse((await ask("GET", "/config/history")).text) as {
      versions: readonly { readonly author: string; readonly reason: string }[];
    };
    for (const text of [versions[1]?.author, versions[1]?.reason]) {
      expect(text).toContain("ann");
      expect(text).not.toMatch(/\p{Cc}/u);
    }
  });

  it("refuses a faulty one, says where, and leaves everything as it was", async () => {
    const answer = await change("PUT", "/config", yaml({ weight: 999 }));
    expect(answer.status).toBe(422);
    expect(JSON.parse(answer.text)).toMatchObject({
      error: {
        code: "CONFIG_INVALID",
        faults: [
          {
            line: 7,
            path: "pools.web.upstreams[0].weight",
            text: expect.stringContaining("must be a whole number"),
          },
        ],
      },
    });
    expect(readFileSync(configPath, "utf8")).toBe(yaml());
    expect((await ask("GET", "/metrics")).text).toContain('lb_config_reloads_total{result="failure"} 1');
    expect((await front()).status).toBe(200);
  });

  it("refuses one whose address another program has, at that address", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await until(() => holder.listening, "the holder of the port");
    const { port } = holder.address() as AddressInfo;
    for (const taken of [yaml({ bind: `127.0.0.1:${port}` }), yaml({ admin: `127.0.0.1:${port}` })]) {
      const answer = await change("PUT", "/config", taken);
      expect(answer.status).toBe(422);
      expect(answer.text).toContain(`cannot listen on 127.0.0.1:${port}: EADDRINUSE`);
      expect((await change("POST", "/config/validate", taken)).status).toBe(422);
    }
    holder.close();
    expect((await front()).status).toBe(200);
    expect(balancer.version).toBe(1);
  });

  it("is refused when another change was first", async () => {
    expect((await change("PUT", "/config", yaml({ weight: 2 }), { "if-match": '"1"' })).status).toBe(200);
    const late = await change("PUT", "/config", yaml({ weight: 3 }), { "if-match": '"1"' });
    expect(late.status).toBe(412);
    expect(errorOf(late).code).toBe("CONFIG_CONFLICT");
    expect((await change("PUT", "/config", yaml({ weight: 3 }), { "if-match": '"2"' })).status).toBe(200);
  });

  it.each([
    ['"9", "1"', 200],
    ["*", 200],
    ["1", 200],
    ['"9", "8"', 412],
    ['W/"1"', 412],
    ['"one"', 412],
    ["", 412],
  ])("If-Match: %s gets %i: one of its tags must be in force", async (tags, status) => {
    const answer = await change("PUT", "/config", yaml({ weight: 2 }), { "if-match": tags });
    expect(answer.status).toBe(status);
    expect(balancer.version).toBe(status === 200 ? 2 : 1);
    const stale = await change("POST", "/config/rollback", '{"version":1}', { "if-match": '"7"' });
    expect(stale.status).toBe(412);
    const rolled = await change("POST", "/config/rollback", '{"version":1}', {
      "if-match": `"${balancer.version}"`,
    });
    expect(rolled.headers["etag"]).toBe(`"${balancer.version}"`);
  });

  it("returns the findings against it, and takes it all the same", async () => {
    const two = yaml().replace(/( {6}- .*weight: )1 }\n/, (line, head: string) =>
      [line, head.replace("web-1", "web-2"), "9 }\n"].join(""),
    );
    const validated = await change("POST", "/config/validate", two);
    const applied = await change("PUT", "/config", two);
    expect([validated.status, applied.status]).toEqual([200, 200]);
    for (const { text } of [validated, applied]) {
      const { findings } = JSON.parse(text) as { findings: { code: string; line: number; text: string }[] };
      expect(findings.map(({ code, line }) => [code, line])).toEqual([
        ["NO_HEALTH_CHECK", 5],
        ["SAME_ADDRESS", 8],
        ["UNEVEN_WEIGHTS", 8],
        ["ADMIN_UNFINDABLE", 9],
      ]);
      expect(findings[2]?.text).toContain("lb.yaml:8:");
    }
    expect(balancer.version).toBe(2);
  });

  it("requests upstreams' health check path when it only validates", async () => {
    const checked = yaml().replace(
      "    upstreams:",
      "    health: { path: /healthz, status: '204' }\n    upstreams:",
    );
    const { text } = await change("POST", "/config/validate", checked);
    expect(text).toContain("web-1 would not pass: HTTP 200 for /healthz, wanted is 204");
    expect(upstream.requests.join()).toMatch(/GET \/healthz/);
  });

  it("leaves all as it was when the disk does not take it, and takes the next one", async () => {
    const history = `${configPath}.history`;
    // Not by permissions: root has them all.
    renameSync(history, `${history}.aside`);
    writeFileSync(history, "in the way of a directory");
    const refused = await change("PUT", "/config", yaml({ weight: 5 }));
    expect(refused.status).toBe(507);
    expect(errorOf(refused).code).toBe("DISK");
    expect(readFileSync(configPath, "utf8")).toBe(yaml());
    expect(balancer.version).toBe(1);
    expect((await front()).status).toBe(200);
    rmSync(history);
    renameSync(`${history}.aside`, history);
    expect((await change("PUT", "/config", yaml({ weight: 5 }))).status).toBe(200);
    expect(balancer.version).toBe(2);
  });

  it.each([
    ["before the file was in place", (text: string) => writeFileSync(`${configPath}.new`, text), 1],
    ["between the file and its record", (text: string) => writeFileSync(configPath, text), 2],
    [
      "between the record's text and the record",
      (text: string) => {
        writeFileSync(configPath, text);
        writeFileSync(join(`${configPath}.history`, "000002.yaml"), text);
      },
      2,
    ],
  ])("a balancer that died %s starts again with a whole configuration", async (_when, leave, version) => {
    await balancer.stop(0);
    leave(yaml({ weight: 6 }));
    balancer = await startBalancer(
      { configPath, adminTokenPath: join(directory, "token") },
      { clock: systemClock, random: seeded(1), log: silentLog },
    );
    expect(balancer.version).toBe(version);
    expect((await ask("GET", "/config")).text).toBe(version === 1 ? yaml() : yaml({ weight: 6 }));
    expect((await change("PUT", "/config", yaml({ weight: 8 }))).status).toBe(200);
    expect(balancer.version).toBe(version + 1);
  });

  it("only checks when it validates", async () => {
    expect((await change("POST", "/config/validate", yaml({ weight: 2 }))).status).toBe(200);
    expect((await change("POST", "/config/validate", "nothing: [")).status).toBe(422);
    expect(balancer.version).toBe(1);
  });

  it("goes back to an earlier version", async () => {
    await change("PUT", "/config", yaml({ weight: 2 }));
    await change("PUT", "/config", yaml({ weight: 3 }));
    expect(JSON.parse((await change("POST", "/config/rollback")).text)).toMatchObject({
      version: 4,
      restores: 2,
    });
    expect((await ask("GET", "/config")).text).toBe(yaml({ weight: 2 }));
    expect(JSON.parse((await change("POST", "/config/rollback")).text)).toMatchObject({
      version: 5,
      restores: 1,
    });
    expect((await ask("GET", "/config")).text).toBe(yaml());
    expect((await change("POST", "/config/rollback")).status).toBe(404);
    expect((await change("POST", "/config/rollback", '{"version":3}')).status).toBe(200);
    expect((await ask("GET", "/config")).text).toBe(yaml({ weight: 3 }));
    expect((await change("POST", "/config/rollback", '{"version":77}')).status).toBe(404);
    expect((await change("POST", "/config/rollback", '{"versoin":1}')).status).toBe(400);
  });

  it("refuses bodies that are too large", async () => {
    const large = await change("PUT", "/config", Buffer.alloc(4 * 1024 * 1024 + 1, "#"));
    expect(large.status).toBe(413);
    const patch = await change("PATCH", "/upstreams/web-1", `{"weight":${" ".repeat(70_000)}1}`);
    expect(patch.status).toBe(413);
    expect(errorOf(patch).code).toBe("CTP_BODY_TOO_LARGE");
  });

  it("moves a listener without refusing a client: the new address first, then the old one ends", async () => {
    const before = balancer.ports()["public"] ?? 0;
    const free = createServer().listen(0, "127.0.0.1");
    await until(() => free.listening, "a free port");
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    expect((await change("PUT", "/config", yaml({ bind: `127.0.0.1:${port}` }))).status).toBe(200);
    expect(balancer.ports()).toEqual({ public: port });
    expect((await front()).text).toBe("hello");
    await expect(ask("GET", "/", { port: before })).rejects.toThrow("ECONNREFUSED");
  });

  it("moves the admin interface, which still answers for the change", async () => {
    const before = balancer.adminPort;
    expect((await change("PUT", "/config", yaml({ admin: "localhost:0" }))).status).toBe(200);
    expect(balancer.adminPort).not.toBe(before);
    expect((await ask("GET", "/healthz")).status).toBe(200);
    await until(
      () =>
        ask("GET", "/healthz", { port: before }).then(
          () => false,
          () => true,
        ),
      "the old address to close",
    );
  });

  it("exchanges the engine under requests that go on", async () => {
    for (const engine of ["http-proxy", "undici", "http-proxy"]) {
      expect((await change("PUT", "/config", yaml({ more: `engine: ${engine}\n` }))).status).toBe(200);
      expect((await front()).text).toBe("hello");
    }
  });

  it("keeps serving through two hundred faulty ones", async () => {
    const statuses: number[] = [];
    const over = new AbortController();
    const traffic = (async () => {
      while (!over.signal.aborted) statuses.push((await front()).status);
    })();
    const random = seeded("faulty");
    for (let refused = 0; refused < 200;) {
      const text = mutate(yaml(), random);
      if (examineConfig(text).length === 0) continue;
      const answer = await change("PUT", "/config", text);
      expect(answer.status).toBe(422);
      const { faults } = (JSON.parse(answer.text) as { error: { faults: { text: string }[] } }).error;
      expect(faults[0]?.text).toMatch(/lb\.yaml:\d+:\d+: ./);
      refused += 1;
    }
    over.abort();
    await traffic;
    expect(statuses.length).toBeGreaterThan(0);
    expect(statuses.every((status) => status === 200)).toBe(true);
    expect(balancer.version).toBe(1);
  });
});

describe("changing an upstream at run time", () => {
  it("sets its weight and its state", async () => {
    const answer = await change("PATCH", "/upstreams/web-1", '{"weight":9,"state":"drain"}');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({
      upstreams: [{ upstream: "web-1", weight: 9, state: "DRAIN" }],
    });
    expect((await front()).status).toBe(503);
  });

  it.each([
    "{}",
    '{"weight":-1}',
    '{"weight":"1"}',
    '{"state":"up"}',
    '{"colour":1}',
    "[]",
    "{",
    '{"__proto__":{}}',
  ])("refuses %s", async (body) => {
    expect((await change("PATCH", "/upstreams/web-1", body)).status).toBe(400);
    expect((await front()).status).toBe(200);
  });

  it("refuses unknown upstreams", async () => {
    expect((await change("PATCH", "/upstreams/web-9", '{"weight":1}')).status).toBe(404);
  });
});

describe("reading the file again", () => {
  it("applies what was edited, as a version of its own", async () => {
    writeFileSync(configPath, yaml({ weight: 4 }));
    expect(await balancer.reload()).toBe(true);
    expect(balancer.version).toBe(2);
    const history = (await ask("GET", "/config/history")).text;
    expect(JSON.parse(history)).toMatchObject({
      versions: [{}, { author: "file", reason: "edited by hand" }],
    });
  });

  it.each([
    ["a broken file", () => writeFileSync(configPath, "listeners: [")],
    ["a file that is not text", () => writeFileSync(configPath, Buffer.from([0xff, 0xfe, 0x41, 0x00]))],
    ["no file", () => rmSync(configPath)],
    [
      "an address that is taken",
      () => writeFileSync(configPath, yaml({ bind: `127.0.0.1:${upstream.port}` })),
    ],
    [
      "an access log in no directory",
      () => writeFileSync(configPath, yaml({ more: "accessLog: { path: no/where.log }\n" })),
    ],
  ])("serves on under the old one when there is %s", async (_what, spoil) => {
    spoil();
    expect(await balancer.reload()).toBe(false);
    expect(balancer.version).toBe(1);
    expect((await front()).text).toBe("hello");
    expect((await ask("GET", "/metrics")).text).toContain('lb_config_reloads_total{result="failure"} 1');
  });

  it("can be put right through the admin interface after that", async () => {
    writeFileSync(configPath, "listeners: [");
    await balancer.reload();
    expect((await change("POST", "/config/rollback")).status).toBe(200);
    expect(readFileSync(configPath, "utf8")).toBe(yaml());
  });

  it("begins an access log beside the configuration, and writes it out at the end", async () => {
    writeFileSync(configPath, yaml({ more: "accessLog: { path: access.log }\n" }));
    await balancer.reload();
    await front();
    await balancer.stop(1000);
    const lines = readFileSync(join(directory, "access.log"), "utf8").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { status: 200, pool: "web", upstream: "web-1", origin: "upstream", target: "/" },
    ]);
  });
});

describe("the command line with a balancer without a lab", () => {
  const printed: string[] = [];
  const output = {
    json: false,
    print: (text: string) => void printed.push(text),
    note: (text: string) => void printed.push(text),
    printJson() {},
  };
  const flags = () => ({ admin: `127.0.0.1:${balancer.adminPort}`, adminToken: join(directory, "token") });
  const upstreamNow = async () => JSON.parse((await ask("GET", "/pools")).text).pools[0].upstreams[0];

  it("drains, enables and weighs an upstream", async () => {
    expect(await changeAlone({ do: "upstream drain", upstream: "web-1" }, flags(), output)).toBe(0);
    expect(await upstreamNow()).toMatchObject({ state: "DRAIN" });
    expect(await changeAlone({ do: "upstream enable", upstream: "web-1" }, flags(), output)).toBe(0);
    await changeAlone({ do: "upstream weight", upstream: "web-1", weight: 7 }, flags(), output);
    expect(await upstreamNow()).toMatchObject({ state: "UP", weight: 7 });
  });

  it("names the upstreams that there are, and needs the token", async () => {
    expect(await changeAlone({ do: "upstream drain", upstream: "web-9" }, flags(), output)).toBe(4);
    expect(printed.at(-1)).toBe("there is no upstream web-9; there is web-1");
    const without = { admin: flags().admin };
    await expect(changeAlone({ do: "upstream drain", upstream: "web-1" }, without, output)).rejects.toThrow(
      "--admin-token is missing",
    );
  });

  it("says when nothing answers there", async () => {
    await balancer.stop(0);
    await expect(
      changeAlone({ do: "upstream drain", upstream: "web-1" }, flags(), output),
    ).rejects.toMatchObject({ code: "ENVIRONMENT" });
  });
});
