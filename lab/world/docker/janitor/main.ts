import { createInterface } from "node:readline";
import { messageOf } from "../../../../runtime/errors.ts";
import { systemClock } from "../../../../runtime/clock.ts";
import { connectTo } from "../connect.ts";
import { removeLabelled } from "../leftovers.ts";
import { janitorMessage, type JanitorMessage } from "./messages.ts";
import { endGroup } from "./end-group.ts";
import { sweep } from "./sweep.ts";

/**
 * Waits for the end of a lab's supervisor, and removes the containers and the network that it could not remove itself: after a
 * second Ctrl-C, or SIGKILL. A process of its own, out of reach of the terminal's signals; its standard input is a pipe that the
 * system closes with the supervisor.
 */
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => {});
// The supervisor's terminal may be gone, too.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

let run: (JanitorMessage & { type: "run" }) | undefined;
let group: number | undefined;
let done = false;
for await (const line of createInterface({ input: process.stdin })) {
  const message = janitorMessage.parse(JSON.parse(line));
  if (message.type === "run") run = message;
  else if (message.type === "compose") group = message.group;
  else if (message.type === "compose-ended") group = undefined;
  else done = true;
}
if (!done && run) await tidyUp(run);
process.exit(0);

async function tidyUp({ endpoint, label }: JanitorMessage & { type: "run" }): Promise<void> {
  const say = (text: string): void => void process.stderr.write(`lblab: ${text}\n`);
  try {
    say("the lab ended without putting its containers away: removing them");
    if (group !== undefined) await endGroup(group, systemClock);
    const docker = connectTo(endpoint);
    const removed = await sweep(() => removeLabelled(docker, label), systemClock);
    say(`${removed} containers removed`);
  } catch (error) {
    say(`containers may be left, \`npx lblab down\` removes them: ${messageOf(error)}`);
  }
}
