/** What authors of scenarios import, as `outage-lab/scenario`: the contract's types, and the words and parts of the shop. */
export type { BackendConfig } from "../backends/config.ts";
export type { Action, UpstreamAction } from "../scenarios/action.ts";
export {
  alertsAtOnce,
  lasts,
  minutesBand,
  pagesAtOnce,
  shareBand,
  tailOf,
  type Claim,
  type ClaimBand,
  type Measure,
  type Moment,
} from "../scenarios/claim.ts";
export {
  MECHANISMS,
  SCOPES,
  type Diagnosis,
  type Mechanism,
  type OwnWords,
  type Scope,
} from "../scenarios/diagnosis.ts";
export type { Look, PlaybookStep } from "../scenarios/playbook.ts";
export {
  defineScenario,
  type BackendSpec,
  type ChangeNote,
  type ConfigInput,
  type Expectation,
  type FalseLead,
  type Fault,
  type Fix,
  type Impact,
  type PackageSpec,
  type PaceName,
  type PaceSet,
  type ReportFacts,
  type Scenario,
  type Stage,
  type SteadyState,
  type Topology,
  type Undo,
  type Workload,
} from "../scenarios/scenario.ts";
export {
  apply,
  authAddress,
  authBackends,
  backInService,
  browsing,
  browsingForHours,
  CACHE,
  configText,
  database,
  HEALTH,
  LISTENER,
  PAGES,
  restart,
  rollBack,
  shopConfig,
  SLOWER_DATABASE,
  unitsOf,
  unweighted,
  webBackends,
  webConfig,
  webUpstreams,
  weighAtRunTime,
  type Upstreams,
} from "../scenarios/shop.ts";
export type { Became, Statement } from "../scenarios/statement.ts";
export { DRILL_TIMING, REPORT_TIMING, type Timing } from "../scenarios/timing.ts";
