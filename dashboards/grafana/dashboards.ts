import { alerts } from "./alerts.ts";
import { backends } from "./backends.ts";
import { balancer } from "./balancer.ts";
import { serviceLevel } from "./service-level.ts";
import type { DashboardSpec } from "./spec.ts";
import { traffic } from "./traffic.ts";

/** Grafana's dashboards of a lab, by file name. None is specific to an incident. */
export const DASHBOARDS: Readonly<Record<string, DashboardSpec>> = {
  "service-level": serviceLevel,
  traffic,
  balancer,
  backends,
  alerts,
};
