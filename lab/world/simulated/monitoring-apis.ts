import type { Cancel } from "../../../runtime/clock.ts";
import { CodedError, messageOf } from "../../../runtime/errors.ts";
import { postSilence } from "../../observe/api/alertmanager/post-silence.ts";
import { instantQuery, rangeQuery } from "../../observe/api/prometheus/queries.ts";
import { silenceView } from "../../observe/pager/silence-view.ts";
import type { MonitoringParts } from "../../observe/watching.ts";
import { noMonitoring, wrongQuery, type MonitoringEdges } from "../monitoring-client.ts";
import type { QueryAnswer } from "../monitoring.ts";

/** The evaluator's APIs without HTTP: those of a running one at its port, and a client of them. */
export interface MonitoringApis {
  open(port: number, parts: MonitoringParts): Cancel;
  client(port: number): MonitoringEdges;
}

export function createMonitoringApis(holder: (port: number) => string | undefined): MonitoringApis {
  const open = new Map<number, MonitoringParts>();
  function at(port: number): MonitoringParts {
    const parts = holder(port) === undefined ? undefined : open.get(port);
    if (parts) return parts;
    throw noMonitoring(`http://127.0.0.1:${port}`);
  }

  return {
    open(port, parts) {
      open.set(port, parts);
      return () => {
        if (open.get(port) === parts) open.delete(port);
      };
    },
    client: (port) => ({
      async query(asked) {
        const parts = at(port);
        try {
          const { data } = "atMs" in asked ? instantQuery(asked, parts) : await rangeQuery(asked, parts);
          return data as QueryAnswer;
        } catch (error) {
          throw wrongQuery(messageOf(error), error);
        }
      },
      async silence(given) {
        const { clock, pager } = at(port);
        try {
          const made = postSilence(given, { clock, silences: pager.silences });
          return made ? { id: made.id } : { refused: "there is no such silence" };
        } catch (error) {
          if (error instanceof CodedError) return { refused: error.message };
          throw error;
        }
      },
      async silences() {
        const { clock, pager } = at(port);
        const now = clock.wall();
        return pager.silences.all.map((one) => silenceView(one, now));
      },
      async expireSilence(id) {
        const { clock, pager } = at(port);
        return pager.silences.expire(id, clock.wall()) ? undefined : { refused: `there is no silence ${id}` };
      },
    }),
  };
}
