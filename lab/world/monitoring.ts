import type { Cancel, Clock } from "../../runtime/clock.ts";
import { createSubscribers } from "../../runtime/subscribers.ts";
import { createAlertLog, type ActiveAlert, type AlertView, type PagedAlert } from "../observe/alert-log.ts";
import type { ObserverMessage } from "../observe/messages.ts";
import type { SilenceView } from "../observe/pager/silence-view.ts";
import type { Notification } from "../observe/pager/notification.ts";
import type { AlertTransition } from "../observe/rules/alert.ts";
import type { Host } from "./host.ts";
import type { UnitMessage } from "./launch.ts";
import type { ActionResult } from "./action-result.ts";

/** An expression now, or over a time until now. */
export interface QueryRequest {
  readonly expression: string;
  readonly range?: { readonly seconds: number; readonly stepSeconds: number };
}

type Metric = Readonly<Record<string, string>>;
/** Epoch seconds, and the value as Prometheus writes numbers (`NaN` and `+Inf` among them). */
type Point = readonly [number, string];

/** Prometheus' own answer: the `data` of `/api/v1/query` and `/api/v1/query_range`. */
export type QueryAnswer =
  | { readonly resultType: "scalar" | "string"; readonly result: Point }
  | {
      readonly resultType: "vector";
      readonly result: readonly { readonly metric: Metric; readonly value: Point }[];
    }
  | {
      readonly resultType: "matrix";
      readonly result: readonly { readonly metric: Metric; readonly values: readonly Point[] }[];
    };

/** Alerts that nobody is notified of for a while. */
export interface SilenceRequest {
  readonly matchers: readonly {
    readonly name: string;
    readonly value: string;
    readonly isRegex: boolean;
    readonly isEqual: boolean;
  }[];
  readonly seconds: number;
  readonly by: string;
  readonly comment: string;
}

/** What watches a world from outside: Prometheus and Alertmanager, or the lab's evaluator in their place. */
export interface Monitoring {
  /** Throws CodedError USAGE with what is wrong in the expression, ENVIRONMENT when nothing answers. */
  query(request: QueryRequest): Promise<QueryAnswer>;
  /** Every alert since the start, oldest first. */
  alerts(): readonly AlertView[];
  /** Acknowledges the alerts with this name, or all that fire: the pager sends no more reminders of them. */
  acknowledge(name: string | undefined, by: string): readonly AlertView[];
  silence(request: SilenceRequest): Promise<ActionResult>;
  /** All silences, as Alertmanager shows them. Throws ENVIRONMENT when nothing answers. */
  silences(): Promise<readonly SilenceView[]>;
  /** Ends a silence now. */
  expireSilence(id: string): Promise<ActionResult>;
  /** Every step in an alert's life. */
  onAlert(run: (change: AlertTransition) => void): Cancel;
  /** The pager notifies of an alert that nobody has acknowledged. */
  onNotified(run: (paged: PagedAlert) => void): Cancel;
}

/** The input of a world's monitoring. */
export interface AlertFeed {
  /** Takes all alerts that are pending or firing now. */
  active(alerts: readonly ActiveAlert[]): void;
  notified(notification: Notification): void;
}

/** The part of a world's monitoring that its APIs answer. */
export type MonitoringClient = Pick<Monitoring, "query" | "silence" | "silences" | "expireSilence">;

export interface MonitoringDeps extends MonitoringClient {
  readonly clock: Clock;
}

/** A world's monitoring: a log of the alerts that it is fed, with the client's queries and silences. */
export function createMonitoring({ clock, ...client }: MonitoringDeps): Monitoring & AlertFeed {
  const log = createAlertLog();
  const transitions = createSubscribers<AlertTransition>();
  const notices = createSubscribers<PagedAlert>();
  return {
    ...client,
    alerts: () => log.alerts,
    acknowledge: (name, by) => log.acknowledge(name, by, clock.wall()),
    onAlert: transitions.add,
    onNotified: notices.add,
    active: (alerts) => log.update(alerts, clock.wall()).forEach(transitions.emit),
    notified: (notification) => log.notified(notification, clock.wall()).forEach(notices.emit),
  };
}

/** Feeds a world's monitoring from the messages of the unit that evaluates alerts. */
export function followAlerts(host: Pick<Host, "onMessage">, unit: string, feed: AlertFeed): void {
  host.onMessage(unit, (message) => {
    if (isAlerts(message)) feed.active(message.alerts);
    if (isNotification(message)) feed.notified(message.notification);
  });
}

type Sent<Type extends ObserverMessage["type"]> = Extract<ObserverMessage, { readonly type: Type }>;
const isAlerts = (message: UnitMessage): message is UnitMessage & Sent<"alerts"> => message.type === "alerts";
const isNotification = (message: UnitMessage): message is UnitMessage & Sent<"notification"> =>
  message.type === "notification";
