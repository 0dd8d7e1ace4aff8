import type { Cancel, Clock } from "../../../../runtime/clock.ts";
import { loadConfig } from "../../../load/config.ts";
import type {
  Connection,
  ConnectionEvents,
  ConnectionOptions,
  OpenConnection,
} from "../../../load/connection.ts";
import { runLoad } from "../../../load/run.ts";
import type { NetworkEnd, Outcome, Sent, WireAnswer } from "../network.ts";
import type { Target } from "../../../../lb/address.ts";
import type { Program } from "../process.ts";

const SECOND_MS = 1000;

/** The load: the live one's lanes, with a model of autocannon's connections. */
export const loadProgram: Program = async ({ unit, network }) => {
  const config = loadConfig.parse(unit.config);
  await runLoad({ ...unit, config }, createOpenConnection(unit.clock, network));
};

function createOpenConnection(clock: Clock, network: Pick<NetworkEnd, "send">): OpenConnection {
  return (options, events) => new SimulatedConnection(options, events, { clock, network });
}

/**
 * A connection as autocannon keeps it: at most so many requests in each second since it was opened, one after another,
 * the first at once. It is the outcome of each of its requests, of which there is one at a time.
 */
class SimulatedConnection implements Connection, Outcome {
  private readonly options: ConnectionOptions;
  private readonly events: ConnectionEvents;
  private readonly clock: Clock;
  private readonly network: Pick<NetworkEnd, "send">;
  private readonly host: string;
  private readonly to: Target;
  private readonly opened: number;
  private over = false;
  private waiting = false;
  private hasConnected = false;
  private finishing = false;
  private second = 0;
  private sent: number;
  private sentAt = 0;
  private request: Sent | undefined = undefined;
  private cancelTurn: Cancel;

  constructor(
    options: ConnectionOptions,
    events: ConnectionEvents,
    { clock, network }: { readonly clock: Clock; readonly network: Pick<NetworkEnd, "send"> },
  ) {
    const { hostname, port, host } = new URL(options.url);
    this.options = options;
    this.events = events;
    this.clock = clock;
    this.network = network;
    this.host = host;
    this.to = { host: hostname, port: Number(port === "" ? 80 : port) };
    this.opened = clock.now();
    this.sent = options.sentAlready;
    this.cancelTurn = clock.after(0, () => this.turn());
  }

  finish(): void {
    if (this.over) return;
    if (this.waiting) this.finishing = true;
    else this.end("closed");
  }

  close(): void {
    this.over = true;
    this.cancelTurn();
    this.request?.leave();
  }

  connected(): void {
    if (this.hasConnected) return;
    this.hasConnected = true;
    this.events.connected();
  }

  answered({ status }: WireAnswer): void {
    this.waiting = false;
    this.events.answered(status, this.clock.now() - this.sentAt);
    if (this.over) return;
    if (this.finishing) this.end("closed");
    else this.turn();
  }

  failed(kind: "refused" | "unreachable" | "cut"): void {
    this.end(kind === "cut" ? "closed" : "refused");
  }

  private turn(): void {
    const { clock, opened } = this;
    const present = Math.floor((clock.now() - opened) / SECOND_MS);
    if (present !== this.second) {
      this.second = present;
      this.sent = 0;
    }
    if (this.sent >= this.options.requestsPerSecond) {
      this.cancelTurn = clock.after(opened + (this.second + 1) * SECOND_MS - clock.now(), () => this.turn());
      return;
    }
    this.sent += 1;
    this.ask();
  }

  private ask(): void {
    const { path, headers } = this.options.next();
    const fields = ["host", this.host];
    for (const name in headers) fields.push(name, headers[name] ?? "");
    this.sentAt = this.clock.now();
    this.waiting = true;
    this.events.sent();
    const request = { method: "GET", target: path, headers: fields, body: undefined };
    this.request = this.network.send(this.to, request, this);
  }

  private end(how: "refused" | "closed"): void {
    if (this.over) return;
    this.close();
    this.events.ended(how);
  }
}
