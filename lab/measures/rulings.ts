import type { MeasureActions, Ruling } from "./measure.ts";

export const ALLOW: Ruling = { ruling: "allow" };

/** True while the pager rings: what the people on call do then goes past what protects good days. */
export const isEmergency = ({ monitoring }: Pick<MeasureActions, "monitoring">): boolean =>
  monitoring.alerts().some(({ severity, state }) => severity === "page" && state === "firing");
