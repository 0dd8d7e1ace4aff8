import type { Cancel, Clock } from "../../../../runtime/clock.ts";
import { loadConfig } from "../../../load/config.ts";
import type { OpenConnection } from "../../../load/connection.ts";
import { runLoad } from "../../../load/run.ts";
import type { NetworkEnd } from "../network.ts";
import type { Program } from "../process.ts";

const SECOND_MS = 1000;

/** The load: the live one's lanes, with a model of autocannon's connections. */
export const loadProgram: Program = async ({ unit, network }) => {
  const config = loadConfig.parse(unit.config);
  await runLoad({ ...unit, config }, createOpenConnection(unit.clock, network));
};

/**
 * A connection as autocannon keeps it: at most so many requests in each second since it was opened, one after another,
 * the first at once.
 */
function createOpenConnection(clock: Clock, network: Pick<NetworkEnd, "send">): OpenConnection {
  return ({ url, requestsPerSecond, sentAlready, next }, events) => {
    const { hostname, port, host } = new URL(url);
    const to = { host: hostname, port: Number(port === "" ? 80 : port) };
    const opened = clock.now();
    let over = false;
    let waiting = false;
    let connected = false;
    let finishing = false;
    let second = 0;
    let sent = sentAlready;
    let cancelSend: Cancel = () => {};
    let cancelTurn: Cancel = clock.after(0, turn);
    return {
      finish() {
        if (over) return;
        if (waiting) finishing = true;
        else end("closed");
      },
      close: release,
    };

    function turn(): void {
      const present = Math.floor((clock.now() - opened) / SECOND_MS);
      if (present !== second) {
        second = present;
        sent = 0;
      }
      if (sent >= requestsPerSecond) {
        cancelTurn = clock.after(opened + (second + 1) * SECOND_MS - clock.now(), turn);
        return;
      }
      sent += 1;
      ask();
    }

    function ask(): void {
      const { path, headers } = next();
      const fields = ["host", host];
      for (const [name, value] of Object.entries(headers)) fields.push(name, value);
      const sentAt = clock.now();
      waiting = true;
      events.sent();
      cancelSend = network.send(
        to,
        { method: "GET", target: path, headers: fields, body: undefined },
        {
          connected() {
            if (connected) return;
            connected = true;
            events.connected();
          },
          answered({ status }) {
            waiting = false;
            events.answered(status, clock.now() - sentAt);
            if (over) return;
            if (finishing) end("closed");
            else turn();
          },
          failed: (kind) => end(kind === "cut" ? "closed" : "refused"),
        },
      );
    }

    function end(how: "refused" | "closed"): void {
      if (over) return;
      release();
      events.ended(how);
    }

    function release(): void {
      over = true;
      cancelTurn();
      cancelSend();
    }
  };
}
