import { once } from "node:events";
import { expect, it } from "vitest";
import { HOME_LABEL, RUN_LABEL, UNIT_LABEL } from "../../../../lab/world/docker/run-mark.ts";
import { createDockerEngine } from "../../../../lab/world/docker/engine.ts";
import { removeLabelled } from "../../../../lab/world/docker/leftovers.ts";
import { createFakeDocker } from "../../../support/fake-docker.ts";
import { until } from "../../../support/until.ts";

const labels = (run: string, unit: string, home = "/a/run/8080") => ({
  [RUN_LABEL]: run,
  [UNIT_LABEL]: unit,
  [HOME_LABEL]: home,
});

const ours = { id: "id-1", labels: labels("run-1", "web-1") };
const anotherRun = { id: "id-2", labels: labels("run-2", "web-1") };
const anotherPlace = { id: "id-3", labels: labels("run-3", "web-1", "/b/run/8080") };
const foreign = { id: "id-4", labels: { "com.docker.compose.service": "web-1" } };
const MARK = { run: "run-1", home: "/a/run/8080" };

it("only containers with the run's label are found, and only those may be touched", async () => {
  const docker = createFakeDocker([ours, anotherRun, foreign]);
  const engine = createDockerEngine(docker.client, MARK);
  await expect(engine.start(ours.id), "no listing yet").rejects.toThrow("not of this run");
  expect(await engine.containers()).toEqual([{ id: "id-1", unit: "web-1", state: "created" }]);
  await engine.start(ours.id);
  await engine.signal(ours.id, "SIGKILL");
  for (const { id } of [anotherRun, foreign]) {
    await expect(engine.start(id)).rejects.toThrow("not of this run");
    await expect(engine.signal(id, "SIGTERM")).rejects.toThrow("not of this run");
    await expect(engine.wait(id)).rejects.toThrow("not of this run");
    await expect(engine.run(id, ["node"])).rejects.toThrow("not of this run");
  }
  expect(docker.calls).toEqual(["container start id-1", "container SIGKILL id-1"]);
});

it("a beginning of an id is no id", async () => {
  const docker = createFakeDocker([ours]);
  const engine = createDockerEngine(docker.client, MARK);
  await engine.containers();
  await expect(engine.start("id-")).rejects.toThrow("not of this run");
  expect(docker.calls).toEqual([]);
});

it("everything of the run is removed at its end, and nothing of another's", async () => {
  const docker = createFakeDocker(
    [ours, anotherRun, foreign],
    [
      { id: "net-1", labels: { [RUN_LABEL]: "run-1" } },
      { id: "net-2", labels: { [RUN_LABEL]: "run-2" } },
    ],
  );
  await createDockerEngine(docker.client, MARK).removeAll();
  expect(docker.calls).toEqual(["container remove id-1", "network remove net-1"]);
});

it("what is gone meanwhile, or about to be, is no failure to remove it; any other refusal is", async () => {
  const refusing = (statusCode: number) => ({
    ...(createFakeDocker([ours]).client as object),
    getContainer: () => ({
      remove: () => Promise.reject(Object.assign(new Error("refused"), { statusCode })),
    }),
  });
  for (const status of [404, 409])
    expect(await removeLabelled(refusing(status) as never, `${RUN_LABEL}=run-1`)).toBe(1);
  await expect(removeLabelled(refusing(500) as never, `${RUN_LABEL}=run-1`)).rejects.toThrow("refused");
});

it("a container that a package brings shares the machine's network, carries the run's labels and has no rights", async () => {
  const docker = createFakeDocker([ours]);
  const engine = createDockerEngine(docker.client, MARK);
  const container = { unit: "agent", image: "lab", command: ["x.js"], unitsDir: "/units", user: "1000:1000" };
  await expect(engine.create({ ...container, machine: foreign.id })).rejects.toThrow("not of this run");
  await engine.containers();
  const id = await engine.create({ ...container, machine: ours.id });
  expect(docker.made).toMatchObject([
    {
      name: "lblab-8080-r_agent_1",
      Labels: {
        "com.docker.compose.project": "lblab-8080-r",
        "com.docker.compose.service": "agent",
        [RUN_LABEL]: "run-1",
        [HOME_LABEL]: "/a/run/8080",
        [UNIT_LABEL]: "agent",
      },
      HostConfig: {
        NetworkMode: "container:id-1",
        Binds: ["/units:/etc/lblab/units:ro"],
        CapDrop: ["ALL"],
        ReadonlyRootfs: true,
        RestartPolicy: { Name: "no" },
      },
      OpenStdin: true,
      Healthcheck: { Test: ["CMD", "node", "-e", "0"] },
    },
  ]);
  await engine.start(id);
  expect(docker.calls).toEqual([`container start ${id}`]);
});

it("what a container writes comes as whole lines wherever it is cut, the last one also without its end", async () => {
  const docker = createFakeDocker([ours]);
  const engine = createDockerEngine(docker.client, MARK);
  await engine.containers();
  const text = Buffer.from("first\nzweite für alle\nlast words");
  for (let cut = 1; cut < text.length; cut++) {
    const { client, stream } = createFakeDocker([ours]);
    const one = createDockerEngine(client, MARK);
    await one.containers();
    const lines: string[] = [];
    const { ended } = await one.follow(ours.id, (line) => lines.push(line));
    const written = stream(ours.id);
    written.write(text.subarray(0, cut));
    written.end(text.subarray(cut));
    await once(written, "end");
    await ended;
    expect(lines, `cut at ${cut}`).toEqual(["first", "zweite für alle", "last words"]);
  }
});

it("what is written to a container reaches its standard input, and nothing once that has ended", async () => {
  const docker = createFakeDocker([ours]);
  const engine = createDockerEngine(docker.client, MARK);
  await engine.containers();
  const { write } = await engine.follow(ours.id, () => {});
  const input = docker.stream(ours.id);
  const read: string[] = [];
  input.on("data", (chunk: Buffer) => read.push(chunk.toString()));
  write("key\n");
  await until(() => read.length > 0, "the line");
  input.destroy();
  write("more\n");
  expect(read).toEqual(["key\n"]);
});

it("a container that was started meanwhile counts as started, any other refusal does not", async () => {
  const refusing = (statusCode: number) => {
    const docker = createFakeDocker([ours]);
    const client = {
      ...(docker.client as object),
      getContainer: () => ({
        start: () => Promise.reject(Object.assign(new Error("refused"), { statusCode })),
      }),
    };
    return createDockerEngine(client as never, MARK);
  };
  const [started, missing] = [refusing(304), refusing(404)];
  await started.containers();
  await missing.containers();
  await started.start(ours.id);
  await expect(missing.start(ours.id)).rejects.toThrow("refused");
});

it("what was left behind is what carries the directory's label: containers first, then networks, nothing else", async () => {
  const networks = [
    { id: "net-1", labels: { [RUN_LABEL]: "run-2", [HOME_LABEL]: "/a/run/8080" } },
    { id: "net-2", labels: { [HOME_LABEL]: "/a/run/80801" } },
    { id: "net-3", labels: {} },
  ];
  const docker = createFakeDocker([foreign, anotherPlace, ours, anotherRun], networks);
  const found: string[] = [];
  expect(await removeLabelled(docker.client, `${HOME_LABEL}=/a/run/8080`, (unit) => found.push(unit))).toBe(
    2,
  );
  expect(found).toEqual(["web-1", "web-1"]);
  expect(docker.calls).toEqual(["container remove id-1", "container remove id-2", "network remove net-1"]);
});

it("what happens to the run's containers is reported, and that the engine has gone", async () => {
  const docker = createFakeDocker([ours]);
  const engine = createDockerEngine(docker.client, MARK);
  const seen: string[] = [];
  const { ended } = await engine.watch(({ unit, id, what }) => seen.push(`${what} ${unit} ${id}`));
  const event = (Action: string): string =>
    `${JSON.stringify({ Action, Actor: { ID: "id-1", Attributes: { [UNIT_LABEL]: "web-1" } } })}\n`;
  docker.events.write(event("die") + event("exec_start").slice(0, 9));
  docker.events.write(event("exec_start").slice(9) + event("pause") + event("unpause") + event("destroy"));
  docker.events.end();
  await ended;
  expect(seen).toEqual(["die", "pause", "unpause", "destroy"].map((what) => `${what} web-1 id-1`));
  expect(docker.eventLabels).toEqual([`${RUN_LABEL}=run-1`]);
});

it("foreign containers are running ones of others, in the run's network or in that of its machine", async () => {
  const network = { id: "net-1", labels: { [RUN_LABEL]: "run-1" } };
  const engine = createDockerEngine(
    createFakeDocker(
      [
        { ...ours, networks: ["net-1"] },
        { ...anotherRun, name: "relay", networks: ["net-0", "net-1"] },
        { ...foreign, name: "parasite", mode: "container:id-1" },
        { id: "id-5", labels: {}, name: "elsewhere", networks: ["net-2"], mode: "container:id-2" },
      ],
      [network],
    ).client,
    MARK,
  );
  expect(await engine.foreignPrograms("id-1")).toEqual(["relay", "parasite"]);
});
