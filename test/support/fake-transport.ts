import type { HeaderList } from "../../lb/exchange.ts";
import type {
  UpstreamRequestEvents,
  TransportFailure,
  CheckOutcome,
  Transport,
} from "../../lb/transport/transport.ts";
import type { FakeExchange } from "./fake-exchange.ts";
import type { Target } from "../../lb/address.ts";

/** One attempt, and the upstream's part of it, for the test to call. */
export interface FakeAttempt {
  readonly port: number;
  readonly exchange: FakeExchange;
  readonly headers: HeaderList;
  readonly events: UpstreamRequestEvents;
  /** The core has ended it, or it has ended by itself: the upstream can do nothing more. */
  readonly over: boolean;
  readonly aborted: boolean;
  connect(reused?: boolean): void;
  /** Connects if it had not, and answers. */
  head(status: number, headers?: HeaderList): boolean;
  write(text: string): void;
  end(trailers?: HeaderList): void;
  /** A whole answer. */
  answer(status: number, headers?: HeaderList): void;
  fail(kind: TransportFailure["kind"], facts?: Partial<TransportFailure>): void;
}

export interface FakeCheck {
  readonly port: number;
  readonly path: string;
  readonly host: string | undefined;
  readonly cancelled: boolean;
  connect(): void;
  fail(kind: TransportFailure["kind"], detail?: string): void;
  /** Answers, or refuses the connection. */
  done(status: number | undefined, detail?: string): void;
}

export interface FakeTransport extends Transport<FakeExchange> {
  /** Every attempt so far, in order. */
  readonly attempts: readonly FakeAttempt[];
  /** Those still under way. */
  readonly open: readonly FakeAttempt[];
  /** The latest. */
  readonly last: FakeAttempt;
  readonly checks: readonly FakeCheck[];
  readonly forgotten: readonly number[];
  /** What each new attempt does before `send` returns. */
  onSend: ((attempt: FakeAttempt) => void) | undefined;
}

export function createFakeTransport(): FakeTransport {
  const attempts: FakeAttempt[] = [];
  const checks: FakeCheck[] = [];
  const forgotten: number[] = [];
  const self: FakeTransport = {
    attempts,
    checks,
    forgotten,
    onSend: undefined,
    get open() {
      return attempts.filter(({ over }) => !over);
    },
    get last() {
      const attempt = attempts.at(-1);
      if (!attempt) throw new Error("nothing was sent");
      return attempt;
    },
    send(target, exchange, headers, events) {
      const made = createAttempt(target, exchange, headers, events);
      attempts.push(made.attempt);
      self.onSend?.(made.attempt);
      return made;
    },
    check(target, { path, host }, done) {
      let cancelled = false;
      let connected = false;
      const end = (outcome: CheckOutcome) => {
        if (!cancelled) done(outcome);
      };
      checks.push({
        port: target.port,
        path,
        host,
        connect: () => void (connected = true),
        fail: (kind, detail = kind) => end({ kind, detail }),
        get cancelled() {
          return cancelled;
        },
        done: (status, detail = status === undefined ? "refused" : `status ${status}`) =>
          end(status === undefined ? { kind: "refused", detail } : { kind: "answered", status, detail }),
      });
      return {
        get connected() {
          return connected;
        },
        cancel: () => void (cancelled = true),
      };
    },
    counts: () => ({ idle: 0, active: 0, reuses: 0 }),
    forget: (target) => void forgotten.push(target.port),
    close: () => {},
  };
  return self;
}

function createAttempt(
  target: Target,
  exchange: FakeExchange,
  headers: HeaderList,
  events: UpstreamRequestEvents,
) {
  let connected = false;
  let reusedConnection = false;
  let headReceived = false;
  let over = false;
  let aborted = false;
  const live = () => {
    if (over) throw new Error("the attempt is over");
  };
  const attempt: FakeAttempt = {
    port: target.port,
    exchange,
    headers,
    events,
    get over() {
      return over;
    },
    get aborted() {
      return aborted;
    },
    connect(reused = false) {
      live();
      connected = true;
      reusedConnection = reused;
      events.connected(reused);
    },
    head(status, fields = []) {
      live();
      if (!connected) attempt.connect();
      headReceived = true;
      const wanted = events.head({ status, reason: "", headers: fields });
      if (!wanted) over = true;
      return wanted;
    },
    write(text) {
      live();
      exchange.write(Buffer.from(text));
      events.progress();
    },
    end(trailers = []) {
      live();
      over = true;
      events.end(trailers);
    },
    answer(status, fields) {
      if (attempt.head(status, fields)) attempt.end();
    },
    fail(kind, facts = {}) {
      live();
      over = true;
      events.fail({
        kind,
        requestSent: connected,
        bodyConsumed: false,
        reused: reusedConnection,
        headReceived,
        detail: kind,
        ...facts,
      });
    },
  };
  return {
    attempt,
    abort() {
      over = true;
      aborted = true;
    },
  };
}
