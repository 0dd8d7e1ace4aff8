import alertmanager from "../../alertmanager.yml?raw";
import causes from "../../alerts/causes.rules.yml?raw";
import symptoms from "../../alerts/symptoms.rules.yml?raw";
import { EVENT_TYPES } from "../../../lab/events/event.ts";
import { handOverFragment } from "../../../lab/simulate/hand-over.ts";
import { openVirtualSession, STEP_MS, type VirtualSession } from "../../../lab/simulate/virtual-session.ts";
import { browserPlatform } from "../../../lab/world/simulated/browser-platform.ts";
import { CodedError, messageOf } from "../../../runtime/errors.ts";
import { findScenario } from "../../../scenarios/index.ts";
import { INCIDENT_TEXTS } from "./incident-texts.ts";
import type { FromWorker, PassedError, Speed, ToWorker } from "./protocol.ts";

/** A worker holds one world, for as long as it lives. */
const platform = browserPlatform({
  rules: [
    { path: "causes.rules.yml", text: causes },
    { path: "symptoms.rules.yml", text: symptoms },
  ],
  pager: { path: "alertmanager.yml", text: alertmanager },
});

/** How long steps are taken without a look at what the page wants. */
const SLICE_MS = 12;
const IDLE_MS = 50;

const scope = globalThis as unknown as {
  postMessage(message: FromWorker): void;
  addEventListener(type: "message", run: (message: { readonly data: ToWorker }) => void): void;
};

let session: VirtualSession | undefined;
let opened = { alias: "", seed: 0 };
let speed: Speed = 1;
/** Where real time and virtual time were together last: a new speed begins from here. */
let anchor = { realMs: 0, virtualMs: 0 };

const passed = (error: unknown): PassedError => ({
  code: error instanceof CodedError ? error.code : undefined,
  message: messageOf(error),
  hint: error instanceof CodedError ? error.hint : undefined,
});

scope.addEventListener("message", ({ data }) => {
  if (data.type === "open") return open(data);
  if (data.type === "speed") return setSpeed(data.speed);
  const { id } = data;
  const answer = data.type === "call" ? call(data) : handOver();
  answer.then(
    (value) => scope.postMessage({ type: "answer", id, value }),
    (error: unknown) => scope.postMessage({ type: "error", id, error: passed(error) }),
  );
});

function open({ alias, seed, speed: first }: Extract<ToWorker, { type: "open" }>): void {
  const scenario = findScenario(alias);
  opened = { alias, seed };
  if (!scenario) return failed(new Error(`there is no incident "${alias}"`));
  const terms = INCIDENT_TEXTS[scenario.id];
  session = openVirtualSession({ scenario, seed, ...(terms ? { terms } : {}) }, { platform });
  session.bus.subscribe(new Set(EVENT_TYPES), (event) => scope.postMessage({ type: "event", event }));
  setSpeed(first);
  void run(session).catch(failed);
}

const failed = (error: unknown): void =>
  scope.postMessage({ type: "failed", message: messageOf(error), ...opened });

function setSpeed(next: Speed): void {
  speed = next;
  anchor = { realMs: performance.now(), virtualMs: (session?.steps ?? 0) * STEP_MS };
}

function call({ name, input, background }: Extract<ToWorker, { type: "call" }>): Promise<unknown> {
  if (!session) return Promise.reject(new Error("no drill is open"));
  const operation = session.trainee[name] as (input: object, options: object) => Promise<unknown>;
  return operation(input, { background });
}

async function handOver(): Promise<{ readonly fragment: string | undefined; readonly digest: string }> {
  if (!session) throw new Error("no drill is open");
  const { calls, steps } = session;
  const digest = session.digest();
  const fragment = await handOverFragment({
    release: LAB_RELEASE,
    alias: opened.alias,
    seed: opened.seed,
    pace: "drill",
    timeLimitMs: null,
    measures: {},
    calls,
    steps,
    digest,
  });
  return { fragment, digest };
}

/** Virtual time that is due by now. */
const dueMs = (): number =>
  speed === null ? Infinity : anchor.virtualMs + (performance.now() - anchor.realMs) * speed;

/** Steps and calls in turn: as many steps as are due, in slices that let messages in. */
async function run(open: VirtualSession): Promise<void> {
  for (;;) {
    const sliceEnd = performance.now() + SLICE_MS;
    await open.settle();
    const over = (): boolean => open.result !== undefined || open.failure !== undefined;
    while (!over() && open.steps * STEP_MS < dueMs() && performance.now() < sliceEnd) await open.step();
    // Who fell behind does not catch up in a burst.
    if (speed !== null && dueMs() - open.steps * STEP_MS > 500) setSpeed(speed);
    scope.postMessage({ type: "time", nowMs: open.steps * STEP_MS, over: over() });
    if (open.failure) return failed(open.failure);
    const waits = over() || speed === 0 || open.steps * STEP_MS >= dueMs();
    await new Promise((resolve) => setTimeout(resolve, waits ? IDLE_MS : 0));
  }
}
