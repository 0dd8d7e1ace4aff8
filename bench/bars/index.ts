import { aborts } from "./aborts.ts";
import type { Bar } from "./bar.ts";
import { canaries } from "./canaries.ts";
import { cardinality } from "./cardinality.ts";
import { malformedConfigs } from "./malformed-configs.ts";
import { reloads } from "./reloads.ts";
import { sigterm } from "./sigterm.ts";
import { slowClients } from "./slow-clients.ts";
import { slowReaders } from "./slow-readers.ts";
import { soak } from "./soak.ts";

/** Every bar that is measured on a process, the long one last. */
export const BARS: readonly Bar[] = [
  malformedConfigs,
  reloads,
  canaries,
  aborts,
  slowClients,
  slowReaders,
  cardinality,
  sigterm,
  soak,
];
