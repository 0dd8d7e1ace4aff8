import { graphPath } from "../graph-link.ts";
import { withoutEmpty } from "../labels-key.ts";
import type { AlertInstance } from "../rules/alert.ts";
import type { LabelMatcher, Labels } from "../samples.ts";
import { compareLabels } from "./alert-order.ts";
import type { FiredAlert } from "./fired-alert.ts";
import { fingerprint } from "./fingerprint.ts";
import { labelTest } from "./matching.ts";

export interface Acknowledgement {
  readonly by: string;
  readonly at: number;
}

/** One life of an alert, from firing to its end: one that fires again begins another. */
export interface AlertLife {
  alert: FiredAlert;
  notifiedAt: number | undefined;
  acknowledged: Acknowledgement | undefined;
}

/** What differs from what was observed before. */
export interface ObservedAlerts {
  /** Alerts that fire anew, or with other texts, in the order of their labels: it does not depend on that of the rules. */
  readonly changed: readonly FiredAlert[];
  readonly ended: readonly FiredAlert[];
}

/** The alerts that fire, from one observation to the next. */
export interface AlertLives {
  readonly all: readonly AlertLife[];
  readonly size: number;
  of(fingerprint: string): AlertLife | undefined;
  /** Takes all alerts that fire now. `url` is the base of links to their expressions; empty: no links. */
  observe(active: readonly AlertInstance[], atMs: number, url: string): ObservedAlerts;
  /** Acknowledges those that match all and are not acknowledged, and returns them. */
  acknowledge(matchers: readonly LabelMatcher[], acknowledged: Acknowledgement): readonly FiredAlert[];
}

export function createAlertLives(): AlertLives {
  const lives = new Map<string, AlertLife>();

  /** False when nothing of the alert has changed. */
  function observeOne(alert: FiredAlert): boolean {
    const life = lives.get(alert.fingerprint);
    if (life?.alert.startsAt !== alert.startsAt)
      lives.set(alert.fingerprint, { alert, notifiedAt: undefined, acknowledged: undefined });
    else if (sameTexts(life.alert.annotations, alert.annotations)) return false;
    else life.alert = alert;
    return true;
  }

  return {
    get all() {
      return [...lives.values()];
    },
    get size() {
      return lives.size;
    },
    of: (id) => lives.get(id),
    observe(active, atMs, url) {
      const firing = active
        .filter(({ state }) => state === "firing")
        .map((instance) => firedAlert(instance, atMs, url));
      const changed = firing.filter(observeOne).sort((a, b) => compareLabels(a.labels, b.labels));
      const seen = new Set(firing.map((alert) => alert.fingerprint));
      const ended: FiredAlert[] = [];
      for (const [id, { alert }] of lives)
        if (!seen.has(id)) {
          lives.delete(id);
          ended.push({ ...alert, endsAt: atMs });
        }
      return { changed, ended };
    },
    acknowledge(matchers, acknowledged) {
      const matches = labelTest(matchers);
      const taken = [...lives.values()].filter((life) => !life.acknowledged && matches(life.alert.labels));
      for (const life of taken) life.acknowledged = acknowledged;
      return taken.map(({ alert }) => alert);
    },
  };
}

function firedAlert(
  { labels: given, annotations, firedAt, expression }: AlertInstance,
  atMs: number,
  url: string,
): FiredAlert {
  const labels = withoutEmpty(given);
  const generatorUrl = url === "" || expression === undefined ? "" : url + graphPath(expression, "table");
  const startsAt = firedAt ?? atMs;
  return {
    fingerprint: fingerprint(labels),
    labels,
    annotations,
    startsAt,
    endsAt: undefined,
    generatorUrl,
  };
}

const sameTexts = (a: Labels, b: Labels): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((name) => a[name] === b[name]);
