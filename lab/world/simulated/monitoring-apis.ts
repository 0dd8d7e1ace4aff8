import type { Cancel, Clock } from "../../../runtime/clock.ts";
import { CodedError, messageOf } from "../../../runtime/errors.ts";
import type { MonitoringServerDeps } from "../../observe/api/server.ts";
import { instantData, matrixSeries } from "../../observe/api/prometheus/values.ts";
import type { Monitoring, QueryAnswer } from "../monitoring.ts";

type Parts = Omit<MonitoringServerDeps, "token">;

/** The evaluator's APIs without HTTP: what a running one offers at its port, and a client of it. */
export interface MonitoringApis {
  open(port: number, parts: Parts): Cancel;
  client(port: number): Pick<Monitoring, "query" | "silence">;
}

export function createMonitoringApis(
  holder: (port: number) => string | undefined,
  { clock }: { readonly clock: Clock },
): MonitoringApis {
  const open = new Map<number, Parts>();
  function at(port: number): Parts {
    const parts = holder(port) === undefined ? undefined : open.get(port);
    if (parts) return parts;
    throw new CodedError("ENVIRONMENT", `http://127.0.0.1:${port} does not answer`, {
      hint: "npx lblab ps shows whether the evaluator runs",
    });
  }

  return {
    open(port, parts) {
      open.set(port, parts);
      return () => {
        if (open.get(port) === parts) open.delete(port);
      };
    },
    client: (port) => ({
      async query({ expression, range }) {
        const { engine } = at(port);
        const now = clock.wall();
        try {
          const query = engine.compile(expression);
          if (!range) return instantData(query.at(now), now) as QueryAnswer;
          const { series } = query.range(now - range.seconds * 1000, now, range.stepSeconds * 1000);
          return { resultType: "matrix", result: series.map(matrixSeries) };
        } catch (error) {
          throw new CodedError("USAGE", messageOf(error), { cause: error });
        }
      },
      async silence({ matchers, seconds, by, comment }) {
        const { pager } = at(port);
        const now = clock.wall();
        const { id } = pager.silences.add(
          {
            matchers: matchers.map(({ name, value, isRegex, isEqual }) => ({
              label: name,
              op: isRegex ? (isEqual ? "=~" : "!~") : isEqual ? "=" : "!=",
              value,
            })),
            startsAt: now,
            endsAt: now + seconds * 1000,
            createdBy: by,
            comment,
          },
          now,
        );
        return { ok: true, message: `silence ${id} for ${seconds} s` };
      },
    }),
  };
}
