import alertmanager from "../../alertmanager.yml?raw";
import causes from "../../alerts/causes.rules.yml?raw";
import symptoms from "../../alerts/symptoms.rules.yml?raw";
import { EVENT_TYPES } from "../../../lab/events/event.ts";
import { handOverFragment } from "../../../lab/simulate/hand-over.ts";
import { openVirtualSession, type VirtualSession } from "../../../lab/simulate/virtual-session.ts";
import { browserPlatform } from "../../../lab/world/simulated/browser-platform.ts";
import { systemClock } from "../../../runtime/clock.ts";
import { CodedError, messageOf } from "../../../runtime/errors.ts";
import { findScenario } from "../../../scenarios/index.ts";
import { INCIDENT_TEXTS } from "./incident-texts.ts";
import { createPacer, type PacedSession, type Pacer } from "./pacer.ts";
import type { FromWorker, PassedError, ToWorker } from "./protocol.ts";

/** A worker holds one world, for as long as it lives. */
const platform = browserPlatform({
  rules: [
    { path: "causes.rules.yml", text: causes },
    { path: "symptoms.rules.yml", text: symptoms },
  ],
  pager: { path: "alertmanager.yml", text: alertmanager },
});

const scope = globalThis as unknown as {
  postMessage(message: FromWorker): void;
  addEventListener(type: "message", run: (message: { readonly data: ToWorker }) => void): void;
};

let session: VirtualSession | undefined;
let pacer: Pacer | undefined;
let opened = { alias: "", seed: 0 };

const passed = (error: unknown): PassedError => ({
  code: error instanceof CodedError ? error.code : undefined,
  message: messageOf(error),
  hint: error instanceof CodedError ? error.hint : undefined,
});

scope.addEventListener("message", ({ data }) => {
  if (data.type === "open") return open(data);
  if (data.type === "speed") return pacer?.setSpeed(data.speed);
  if (data.type === "step") return pacer?.step(data.ms);
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
  if (!scenario) return gone(new Error(`there is no incident "${alias}"`));
  const terms = INCIDENT_TEXTS[scenario.id];
  session = openVirtualSession({ scenario, seed, ...(terms ? { terms } : {}) }, { platform });
  session.bus.subscribe(new Set(EVENT_TYPES), (event) => scope.postMessage({ type: "event", event }));
  pacer = createPacer(pacedSession(session), {
    clock: systemClock,
    nextTurn: platform.nextTurn,
    onTurn: createFailureReport(session),
  });
  pacer.setSpeed(first);
  // A worker ends with its page.
  void pacer.run(new AbortController().signal).catch(gone);
}

const isOver = ({ result, failure }: VirtualSession): boolean =>
  result !== undefined || failure !== undefined;

const pacedSession = (open: VirtualSession): PacedSession => ({
  get steps() {
    return open.steps;
  },
  get over() {
    return isOver(open);
  },
  step: () => open.step(),
  settle: () => open.settle(),
});

/** Posts once why there will be no result. What the world holds can still be read then. */
function createFailureReport(open: VirtualSession): () => void {
  let isPosted = false;
  return () => {
    if (open.failure === undefined || isPosted) return;
    isPosted = true;
    failed(open.failure, false);
  };
}

const failed = (error: unknown, isGone: boolean): void =>
  scope.postMessage({ type: "failed", gone: isGone, message: messageOf(error), ...opened });

/** No step is taken any more, and so no call is done. */
const gone = (error: unknown): void => failed(error, true);

function call({ name, input, background }: Extract<ToWorker, { type: "call" }>): Promise<unknown> {
  if (!session) return Promise.reject(new Error("no drill is open"));
  const operation = session.trainee[name] as (input: object, options: object) => Promise<unknown>;
  const answer = operation(input, { background });
  pacer?.wake();
  return answer;
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
