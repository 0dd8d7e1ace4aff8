import alertmanager from "../../alertmanager.yml?raw";
import causes from "../../alerts/causes.rules.yml?raw";
import symptoms from "../../alerts/symptoms.rules.yml?raw";
import { EVENT_TYPES } from "../../../lab/events/event.ts";
import { handOverFragment, handOverText, type HandOver } from "../../../lab/simulate/hand-over.ts";
import { openVirtualSession, type VirtualSession } from "../../../lab/simulate/virtual-session.ts";
import { assertTogether } from "../../../lab/measures/choice.ts";
import { whatIf, type WhatIf } from "../../../lab/simulate/what-if.ts";
import { routeOf } from "../../../lab/trainee/routes.ts";
import { browserPlatform } from "../../../lab/world/simulated/browser-platform.ts";
import { STEP_MS } from "../../../lab/world/simulated/virtual-time.ts";
import { systemClock } from "../../../runtime/clock.ts";
import { CodedError, messageOf } from "../../../runtime/errors.ts";
import { findScenario } from "../../../scenarios/index.ts";
import { INCIDENT_TEXTS } from "./incident-texts.ts";
import { createPacer, type PacedSession, type Pacer } from "./pacer.ts";
import type { Beginning, FromWorker, HandedOver, PassedError, Speed, ToWorker } from "./protocol.ts";
import { createRecorded, readableHere } from "./recorded.ts";

/** A worker holds one world, for as long as it lives. */
const platform = browserPlatform({
  rules: [
    { path: "causes.rules.yml", text: causes },
    { path: "symptoms.rules.yml", text: symptoms },
  ],
  pager: { path: "alertmanager.yml", text: alertmanager },
});

/** Where virtual time has come is posted at most so often while it passes. */
const TIME_EVERY_MS = 200;

const scope = globalThis as unknown as {
  postMessage(message: FromWorker): void;
  addEventListener(type: "message", run: (message: { readonly data: ToWorker }) => void): void;
};

interface Opened {
  readonly session: VirtualSession;
  readonly pacer: Pacer;
  readonly drill: Pick<HandOver, "alias" | "seed" | "pace" | "timeLimitMs" | "measures">;
  /** Without its change it is a lab that is well, and no drill. */
  readonly fault: boolean;
}

let opened: Opened | undefined;
/** True while a recorded drill is replayed: nobody can act in it. */
let isWatched = false;
/** The step at which time is to stand still. */
let goal: number | undefined;

const passed = (error: unknown): PassedError => ({
  code: error instanceof CodedError ? error.code : undefined,
  message: messageOf(error),
  hint: error instanceof CodedError ? error.hint : undefined,
});

scope.addEventListener("message", ({ data }) => {
  if (data.type === "open") return void begin(data.beginning, data.speed).catch(gone);
  if (data.type === "until") {
    goal = data.step;
    return opened?.pacer.setSpeed(null);
  }
  if (data.type === "speed") {
    goal = undefined;
    return opened?.pacer.setSpeed(data.speed);
  }
  if (data.type === "step") return opened?.pacer.step(data.ms);
  const { id } = data;
  const answer =
    data.type === "call"
      ? call(data)
      : data.type === "what-if"
        ? ranAgain(data.text, data.measure)
        : handOver();
  answer.then(
    (value) => scope.postMessage({ type: "answer", id, value }),
    (error: unknown) => scope.postMessage({ type: "error", id, error: passed(error) }),
  );
});

async function begin(beginning: Beginning, speed: Speed): Promise<void> {
  let read: HandOver | undefined;
  try {
    if (beginning.kind === "fresh") assertTogether({ with: beginning.measures, without: [] });
    else read = await readableHere(beginning.text);
  } catch (error) {
    return scope.postMessage({ type: "refused", error: passed(error) });
  }
  if (beginning.kind === "fresh") return open({ ...beginning, pace: "drill", timeLimitMs: null }, speed);
  if (read) replay(read, beginning.goesOn, speed);
}

function replay(read: HandOver, goesOn: boolean, speed: Speed): void {
  isWatched = true;
  open({ ...read, fault: true }, speed, (session) =>
    createRecorded(read, session, {
      release: LAB_RELEASE,
      onRecorded: (recorded) => scope.postMessage({ type: "recorded", recorded }),
      onEnd() {
        goal = undefined;
        isWatched = !goesOn;
        opened?.pacer.setSpeed(0);
      },
    }),
  );
}

type Steps = Pick<PacedSession, "step" | "over">;

function open(
  { alias, seed, pace, timeLimitMs, measures, fault }: Opened["drill"] & Pick<Opened, "fault">,
  speed: Speed,
  stepsOf: (session: VirtualSession) => Steps = (session) => ({ over: false, step: () => session.step() }),
): void {
  const scenario = findScenario(alias);
  if (!scenario) return gone(new Error(`there is no incident "${alias}"`));
  const terms = INCIDENT_TEXTS[scenario.id];
  const session = openVirtualSession(
    { scenario, seed, fault, pace, timeLimitMs, measures, ...(terms ? { terms } : {}) },
    { platform },
  );
  session.bus.subscribe(new Set(EVENT_TYPES), (event) => scope.postMessage({ type: "event", event }));
  const pacer: Pacer = createPacer(pacedSession(session, stepsOf(session)), {
    clock: systemClock,
    nextTurn: platform.nextTurn,
    onTurn: createTimeReport(session, () => pacer.speed),
  });
  opened = { session, pacer, drill: { alias, seed, pace, timeLimitMs, measures }, fault };
  pacer.setSpeed(goal === undefined ? speed : null);
  // A worker ends with its page.
  void pacer.run(new AbortController().signal).catch(gone);
}

const isOver = ({ result, failure }: VirtualSession): boolean =>
  result !== undefined || failure !== undefined;

const pacedSession = (open: VirtualSession, steps: Steps): PacedSession => ({
  get steps() {
    return open.steps;
  },
  get over() {
    return isOver(open) || (isWatched && steps.over);
  },
  async step() {
    await steps.step();
    if (open.steps !== goal) return;
    goal = undefined;
    opened?.pacer.setSpeed(0);
  },
  settle: () => open.settle(),
});

/** Posts where virtual time has come, when it has come further, and once why there will be no result. */
function createTimeReport(open: VirtualSession, speedNow: () => Speed): (isStill: boolean) => void {
  let posted = { nowMs: -1, over: false, speed: 0 as Speed, atMs: -Infinity };
  let hasFailed = false;
  return (isStill) => {
    const nowMs = open.steps * STEP_MS;
    const over = isOver(open);
    const speed = speedNow();
    const atMs = systemClock.now();
    const isDue = nowMs !== posted.nowMs && (isStill || atMs - posted.atMs >= TIME_EVERY_MS);
    if (isDue || over !== posted.over || speed !== posted.speed) {
      posted = { nowMs, over, speed, atMs };
      scope.postMessage({ type: "time", nowMs, over, speed });
    }
    if (open.failure === undefined || hasFailed) return;
    hasFailed = true;
    // What the world holds can still be read.
    failed(open.failure, false);
  };
}

const failed = (error: unknown, isGone: boolean): void =>
  scope.postMessage({ type: "failed", gone: isGone, message: messageOf(error) });

/** No step is taken any more, and so no call is done. */
const gone = (error: unknown): void => failed(error, true);

/** In a recorded drill all looks are the page's own, and there is nothing to do. */
function call({ name, input, background }: Extract<ToWorker, { type: "call" }>): Promise<unknown> {
  if (!opened) return Promise.reject(new Error("no drill is open"));
  const { kind, method } = routeOf(name);
  if (isWatched && (kind === "act" || (method === "POST" && name !== "checkConfig")))
    return Promise.reject(new CodedError("USAGE", "this drill is a replay: it can be watched, not acted in"));
  const operation = opened.session.trainee[name] as (input: object, options: object) => Promise<unknown>;
  const answer = operation(input, { background: background || isWatched });
  opened.pacer.wake();
  return answer;
}

/** A drill that was handed on, with one more measure. */
async function ranAgain(text: string, measure: string): Promise<WhatIf> {
  const recorded = await readableHere(text);
  const scenario = findScenario(recorded.alias);
  if (!scenario) throw new Error(`there is no incident "${recorded.alias}"`);
  return whatIf(recorded, measure, { scenario, platform });
}

async function handOver(): Promise<HandedOver> {
  if (!opened?.fault) throw new CodedError("USAGE", "there is no drill to hand on");
  const { session, pacer } = opened;
  const record = session.record();
  pacer.wake();
  const drill: HandOver = { release: LAB_RELEASE, ...opened.drill, ...(await record) };
  return { fragment: await handOverFragment(drill), text: handOverText(drill), digest: drill.digest };
}
