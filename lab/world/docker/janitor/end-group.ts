import { sleep, type Clock } from "../../../../runtime/clock.ts";

const GRACE_MS = 2000;
const LOOK_MS = 50;

/** Ends a process group, by SIGKILL after two seconds. Resolves when none of it is left. */
export async function endGroup(group: number, clock: Clock): Promise<void> {
  const deadline = clock.now() + GRACE_MS;
  let signal: NodeJS.Signals = "SIGTERM";
  while (signalled(group, signal)) {
    if (clock.now() > deadline) signal = "SIGKILL";
    await sleep(clock, LOOK_MS);
  }
}

function signalled(group: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false; // no such process
  }
}
