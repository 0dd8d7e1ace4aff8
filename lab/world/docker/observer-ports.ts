import type { PortPlan } from "../ports.ts";

/** Ports on which this machine reaches what watches a lab in containers. */
export const observerPorts = ({ evaluator }: PortPlan) => ({
  prometheus: evaluator,
  alertmanager: evaluator + 3,
  grafana: evaluator + 5,
});
