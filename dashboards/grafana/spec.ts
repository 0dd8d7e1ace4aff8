/** One line, or one for each label set: an expression and its legend. */
export interface Line {
  readonly expr: string;
  /** A template of Grafana's: `{{pool}}/{{upstream}}`. */
  readonly legend: string;
  /** For targets rather than measurements. */
  readonly dashed?: boolean;
}

/** Grafana's names of units. */
export type Unit = "percentunit" | "s" | "reqps" | "ops" | "short";

interface Common {
  readonly title: string;
  /** What it shows and what to compare it with, for a person who sees it for the first time. */
  readonly description: string;
  readonly lines: readonly Line[];
  /** `lab`: only a lab has its data, and not a shop that Compose starts by itself. */
  readonly only?: Setting;
}

/** Where a dashboard is used: in a lab in containers, or beside a plain shop that Compose has started. */
export type Setting = "lab" | "plain";

/** A number's meaning from here on, until the next. */
export interface Threshold {
  readonly from: number | null;
  readonly color: "green" | "orange" | "red";
}

export type PanelSpec =
  | (Common & { readonly kind: "lines"; readonly unit: Unit; readonly mayBeNegative?: boolean })
  /** One number, the last. */
  | (Common & { readonly kind: "figure"; readonly unit: Unit; readonly thresholds: readonly Threshold[] })
  /** A bar in time for each line, in the colours of its states: a state for each value from 0. */
  | (Common & { readonly kind: "states"; readonly states: readonly State[] })
  /** The label sets of this moment. */
  | (Common & { readonly kind: "table"; readonly columns: readonly string[] });

export interface State {
  readonly name: string;
  readonly color: "green" | "orange" | "red" | "blue" | "purple" | "gray";
}

export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Whether it has a selection of pools, `$pool` in its expressions. */
  readonly byPool: boolean;
  readonly panels: readonly PanelSpec[];
}
