import type { Clock } from "../../../runtime/clock.ts";
import { messageOf } from "../../../runtime/errors.ts";
import type { Log } from "../../../runtime/log.ts";
import type { ConfigVersion } from "../history.ts";
import type { ConfigStore } from "../store.ts";
import type { CanaryStatus } from "./canary.ts";
import { canaryOptions } from "./options.ts";

/** By whom a canary ends that its own verdicts end. */
export const BY_ITSELF = "canary";

export interface CanaryEndsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Pick<ConfigStore, "endCanary" | "openCanary">;
  /** The version in force. */
  readonly version: number;
}

/** What the history says of canaries that did not become the file. Failures of the disk are logged. */
export interface CanaryEnds {
  keep(version: number, how: "aborted" | "lost"): void;
  /** A canary of a process that has ended: the version in force serves all, and that is said. */
  reportLost(): CanaryStatus | undefined;
}

export function createCanaryEnds({ clock, log, store, version: stableVersion }: CanaryEndsDeps): CanaryEnds {
  function open(): ConfigVersion | undefined {
    try {
      return store.openCanary();
    } catch (error) {
      log.error(`the history does not say whether there was a canary: ${messageOf(error)}`);
      return undefined;
    }
  }

  function keep(version: number, how: "aborted" | "lost"): void {
    try {
      store.endCanary(version, how);
    } catch (error) {
      // It has ended all the same. At the next start it counts as lost.
      log.error({ version }, `the end of the canary could not be kept: ${messageOf(error)}`);
    }
  }

  return {
    keep,
    reportLost() {
      const lost = open();
      if (!lost) return undefined;
      const { version, author, reason, at } = lost;
      keep(version, "lost");
      const message = `the canary of version ${version} has ended with its process: version ${stableVersion} serves all`;
      log.warn({ version, stableVersion }, message);
      return {
        version,
        stableVersion,
        author,
        reason,
        startedAt: Date.parse(at),
        options: canaryOptions.parse({}),
        phase: "lost",
        share: 0,
        inconclusive: 0,
        judgements: [],
        ended: { at: clock.wall(), why: "lost", by: BY_ITSELF, message },
      };
    },
  };
}
