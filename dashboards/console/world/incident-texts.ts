import authAnswer from "../../../scenarios/auth-bottleneck/answer.md?raw";
import authBrief from "../../../scenarios/auth-bottleneck/brief.md?raw";
import deadAnswer from "../../../scenarios/dead-backends/answer.md?raw";
import deadBrief from "../../../scenarios/dead-backends/brief.md?raw";
import portAnswer from "../../../scenarios/port-conflict/answer.md?raw";
import portBrief from "../../../scenarios/port-conflict/brief.md?raw";
import singleAnswer from "../../../scenarios/single-server/answer.md?raw";
import singleBrief from "../../../scenarios/single-server/brief.md?raw";
import unevenAnswer from "../../../scenarios/uneven-weights/answer.md?raw";
import unevenBrief from "../../../scenarios/uneven-weights/brief.md?raw";
import type { DrillTerms } from "../../../lab/trainee/drill-terms.ts";

/** Brief and story of each incident, by its id. */
export const INCIDENT_TEXTS: Readonly<Record<string, DrillTerms>> = {
  "auth-bottleneck": { brief: authBrief, answer: authAnswer },
  "dead-backends": { brief: deadBrief, answer: deadAnswer },
  "port-conflict": { brief: portBrief, answer: portAnswer },
  "single-server": { brief: singleBrief, answer: singleAnswer },
  "uneven-weights": { brief: unevenBrief, answer: unevenAnswer },
};
