import { labelsKey } from "./labels-key.ts";
import type { Notification, NotifiedAlert } from "./pager/notification.ts";
import type { AlertInstance, AlertTransition } from "./rules/alert.ts";
import type { Labels } from "./samples.ts";

/** An alert that is pending or firing, and whether the pager suppresses it. */
export interface ActiveAlert extends AlertInstance {
  readonly suppressed: "inhibited" | "silenced" | undefined;
}

/** An alert as the on-call person sees it. Times are epoch ms. */
export interface AlertView {
  readonly name: string;
  /** `page` wakes somebody up, `inform` is only to be read. */
  readonly severity: "page" | "inform";
  readonly state: "pending" | "firing" | "resolved";
  readonly labels: Labels;
  readonly summary: string;
  readonly description: string;
  /** URL of the page that says what to look at first. */
  readonly runbook: string;
  readonly value: number;
  /** Since when its rule's expression held. */
  readonly activeAt: number;
  readonly firedAt: number | undefined;
  readonly resolvedAt: number | undefined;
  /** When the pager first notified of it; undefined while it has not. */
  readonly notifiedAt: number | undefined;
  readonly suppressed: ActiveAlert["suppressed"];
  readonly acknowledged: { readonly by: string; readonly at: number } | undefined;
  /**
   * Since when its expression has not held, while it still fires (`keep_firing_for`) or while its receivers have not been
   * notified of its end. Absent: it is not resolving.
   */
  readonly resolving?: { readonly since: number } | undefined;
}

/** An alert as the pager notifies of it. */
export interface PagedAlert {
  readonly alert: AlertView;
  /** It was notified of before. */
  readonly again: boolean;
}

/** Every alert's life, from snapshots of the active alerts and from the pager's notifications. */
export interface AlertLog {
  /** Takes all active alerts, and returns what has changed since the last call. */
  update(active: readonly ActiveAlert[], atMs: number): readonly AlertTransition[];
  /** Takes a notification, and returns its firing alerts that nobody has acknowledged. */
  notified(notification: Notification, atMs: number): readonly PagedAlert[];
  /** Acknowledges every firing alert, or those with this name. Returns those that were not acknowledged before. */
  acknowledge(name: string | undefined, by: string, atMs: number): readonly AlertView[];
  /** Oldest first. Alerts that were pending and never fired are forgotten when they end. */
  readonly alerts: readonly AlertView[];
}

/** Limit of ended alerts; the oldest are dropped. */
const REMEMBERED = 500;
/** An alert of a notification that no snapshot has shown ends after this time: a snapshot may be older than it. */
const UNSEEN_MS = 5000;

export function createAlertLog(): AlertLog {
  const active = new Map<string, ActiveAlert>();
  const views = new Map<string, AlertView>();
  const ended = createEndedAlerts();

  function update(now: readonly ActiveAlert[], at: number): readonly AlertTransition[] {
    const changes: AlertTransition[] = [];
    const seen = new Set<string>();
    for (const alert of now) {
      const key = labelsKey(alert.labels);
      seen.add(key);
      const before = active.get(key);
      // Resolved and active again between two snapshots: another life.
      if (before && before.activeAt !== alert.activeAt) changes.push(...over(key, before, at));
      const from = active.get(key)?.state ?? "inactive";
      active.set(key, alert);
      views.set(key, viewOf(alert, views.get(key)));
      if (from !== alert.state) changes.push({ at, from, to: alert.state, alert });
    }
    for (const [key, before] of active) if (!seen.has(key)) changes.push(...over(key, before, at));
    for (const [key, { notifiedAt }] of views)
      if (!active.has(key) && notifiedAt !== undefined && at - notifiedAt > UNSEEN_MS) end(key, at);
    return changes;
  }

  function over(key: string, alert: ActiveAlert, at: number): AlertTransition[] {
    active.delete(key);
    end(key, at);
    return [{ at, from: alert.state, to: "inactive", alert }];
  }

  function end(key: string, at: number): void {
    const view = views.get(key);
    views.delete(key);
    if (view?.state === "firing") ended.add(view, at);
  }

  return {
    update,
    notified({ alerts }, at) {
      const reported: PagedAlert[] = [];
      for (const alert of alerts) {
        const key = labelsKey(alert.labels);
        if (alert.status === "resolved") ended.notified(key);
        const view = views.get(key) ?? viewOf(asReported(alert), undefined);
        if (alert.status !== "firing" || view.acknowledged) continue;
        const changed = { ...view, notifiedAt: view.notifiedAt ?? at };
        views.set(key, changed);
        reported.push({ alert: changed, again: view.notifiedAt !== undefined });
      }
      // A notification of a new alert, or of an end, repeats the rest of its group: that is no reminder.
      const hasNews =
        alerts.some(({ status }) => status === "resolved") || reported.some(({ again }) => !again);
      return hasNews ? reported.filter(({ again }) => !again) : reported;
    },
    acknowledge(name, by, at) {
      const taken: AlertView[] = [];
      for (const [key, view] of views) {
        if (view.state !== "firing" || view.acknowledged || (name ?? view.name) !== view.name) continue;
        const changed = { ...view, acknowledged: { by, at } };
        views.set(key, changed);
        taken.push(changed);
      }
      return taken;
    },
    get alerts() {
      return [...ended.all, ...[...views.values()].sort((a, b) => a.activeAt - b.activeAt)];
    },
  };
}

/** The alerts that have ended, the oldest first. */
function createEndedAlerts() {
  let ended: readonly AlertView[] = [];
  return {
    get all() {
      return ended;
    },
    add(view: AlertView, at: number): void {
      // A suppressed alert is not notified of, nor is its end.
      const isAwaited = view.notifiedAt !== undefined && view.suppressed === undefined;
      const over = {
        ...view,
        state: "resolved" as const,
        resolvedAt: at,
        resolving: isAwaited ? { since: view.resolving?.since ?? at } : undefined,
      };
      ended = [...ended, over].slice(-REMEMBERED);
    },
    /** The end of an alert with these labels was notified of. */
    notified(key: string): void {
      ended = ended.map((view) =>
        view.resolving && labelsKey(view.labels) === key ? { ...view, resolving: undefined } : view,
      );
    },
  };
}

function viewOf(alert: ActiveAlert, before: AlertView | undefined): AlertView {
  const { name, state, labels, annotations, value, activeAt, firedAt, suppressed, keptSince } = alert;
  return {
    name,
    severity: labels["severity"] === "page" ? "page" : "inform",
    state,
    labels,
    summary: annotations["summary"] ?? name,
    description: annotations["description"] ?? "",
    runbook: annotations["runbook"] ?? "",
    value,
    activeAt,
    firedAt,
    resolvedAt: undefined,
    notifiedAt: before?.notifiedAt,
    suppressed,
    acknowledged: before?.acknowledged,
    resolving: keptSince === undefined ? undefined : { since: keptSince },
  };
}

function asReported({ labels, annotations, startsAt }: NotifiedAlert): ActiveAlert {
  const at = Date.parse(startsAt);
  const name = labels["alertname"] ?? "";
  const since = { activeAt: at, firedAt: at };
  return { name, labels, annotations, state: "firing", value: Number.NaN, suppressed: undefined, ...since };
}
