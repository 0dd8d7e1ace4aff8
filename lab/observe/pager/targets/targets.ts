import type { Clock } from "../../../../runtime/clock.ts";
import type { Log } from "../../../../runtime/log.ts";
import type { Secret } from "../../../../runtime/secret.ts";
import type { Notification } from "../notification.ts";
import { targetAddress } from "./address.ts";
import { createDelivery, type DeliveryLimits, type DeliveryStats } from "./delivery.ts";
import { ntfy } from "./ntfy.ts";
import { slack } from "./slack.ts";
import type { TargetFormat } from "./target.ts";
import { webhook } from "./webhook.ts";

const FORMATS = { webhook, ntfy, slack } as const satisfies Readonly<Record<string, TargetFormat>>;

export type TargetName = keyof typeof FORMATS;

/** Who is notified besides the lab itself: nobody, unless a target is configured. */
export type TargetsConfig = Readonly<Partial<Record<TargetName, { readonly url: Secret } | undefined>>>;

export interface TargetsDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Ends deliveries under way, and takes no more. */
  readonly signal: AbortSignal;
  readonly limits?: DeliveryLimits;
}

/** The state of one target; its URL may be a secret, so only its host is shown. */
export interface TargetView extends DeliveryStats {
  readonly name: TargetName;
  readonly host: string;
}

/** The targets outside of the lab that the pager notifies. */
export interface Targets {
  /** Queues a notification for all of them and returns at once; never throws. */
  deliver(notification: Notification): void;
  view(): readonly TargetView[];
}

const LIMITS: DeliveryLimits = { maxWaiting: 100, timeoutMs: 5000, retryAfterMs: [500, 2000] };

/** Throws CodedError CONFIG_INVALID for an invalid URL. */
export function createTargets(config: TargetsConfig, deps: TargetsDeps): Targets {
  const { clock, log, signal, limits = LIMITS } = deps;
  const targets = (Object.keys(FORMATS) as TargetName[]).flatMap((name) => {
    const url = config[name]?.url;
    if (url === undefined) return [];
    const address = targetAddress(name, url);
    const { host } = address;
    const onFailed = (reason: string): void =>
      log.warn({ target: name, host, reason }, "a notification was not delivered");
    return [
      {
        name,
        host,
        format: FORMATS[name],
        delivery: createDelivery({ address, limits }, { clock, signal, onFailed }),
      },
    ];
  });
  return {
    deliver(notification) {
      for (const { format, delivery } of targets) delivery.post(format(notification));
    },
    view: () => targets.map(({ name, host, delivery }) => ({ name, host, ...delivery.stats })),
  };
}
