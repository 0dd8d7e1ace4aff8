import type { Cancel, Clock } from "../../../../runtime/clock.ts";
import { loadConfig } from "../../../load/config.ts";
import type {
  Connection,
  ConnectionEvents,
  ConnectionOptions,
  OpenConnection,
} from "../../../load/connection.ts";
import { runLoad } from "../../../load/run.ts";
import type { NetworkEnd } from "../network.ts";
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
 * the first at once.
 */
class SimulatedConnection implements Connection {
  private readonly options: ConnectionOptions;
  private readonly events: ConnectionEvents;
  private readonly clock: Clock;
  private readonly network: Pick<NetworkEnd, "send">;
  private readonly host: string;
  private readonly to: Target;
  private readonly opened: number;
  private over = false;
  private waiting = false;
  private connected = false;
  private finishing = false;
  private second = 0;
  private sent: number;
  private cancelSend: Cancel = () => {};
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
    this.cancelSend();
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
    for (const [name, value] of Object.entries(headers)) fields.push(name, value);
    const sentAt = this.clock.now();
    this.waiting = true;
    this.events.sent();
    this.cancelSend = this.network.send(
      this.to,
      { method: "GET", target: path, headers: fields, body: undefined },
      {
        connected: () => {
          if (this.connected) return;
          this.connected = true;
          this.events.connected();
        },
        answered: ({ status }) => {
          this.waiting = false;
          this.events.answered(status, this.clock.now() - sentAt);
          if (this.over) return;
          if (this.finishing) this.end("closed");
          else this.turn();
        },
        failed: (kind) => this.end(kind === "cut" ? "closed" : "refused"),
      },
    );
  }

  private end(how: "refused" | "closed"): void {
    if (this.over) return;
    this.close();
    this.events.ended(how);
  }
}
