import type { ControlClient } from "../../control/client.ts";
import { logLineText } from "./log-text.ts";
import type { Output } from "../output.ts";
import { statusText } from "./status-text.ts";
import { table, timeOf } from "../tables.ts";

/** The commands that look. Each prints a table or text, or the same as JSON. */
export interface Look {
  readonly client: ControlClient;
  readonly output: Output;
}

export async function showStatus({ client, output }: Look): Promise<void> {
  const status = await client.status();
  if (output.json) output.printJson(status);
  else output.print(statusText(status, output.width));
}

export async function showUnits({ client, output }: Look): Promise<void> {
  const units = await client.units();
  const ports = await client.ports();
  if (output.json) return output.printJson({ schemaVersion: 1, units, ports });
  output.print(
    table(
      [
        "unit",
        "state",
        { head: "enabled", dropRank: 1 },
        { head: "pid", dropRank: 2 },
        "restarts",
        { head: "since", dropRank: 3 },
        { head: "package", dropRank: 4 },
        { head: "description", dropRank: 5 },
        { head: "reason", wrap: true },
      ],
      units.map((unit) => [
        unit.name,
        unit.state,
        unit.enabled ? "yes" : "no",
        unit.pid,
        unit.restarts,
        timeOf(unit.since),
        unit.owner,
        unit.description,
        unit.reason,
      ]),
      output.width,
    ),
  );
  output.print("");
  output.print(
    table(
      ["port", "unit", "pid", "program"],
      ports.map(({ port, unit, pid, program }) => [
        port,
        pid === undefined ? "nothing listens" : unit,
        pid,
        program,
      ]),
      output.width,
    ),
  );
}

export interface LogFlags {
  readonly lines: number;
  /** As the unit wrote them. */
  readonly raw: boolean;
}

export async function showLogs(
  { client, output }: Look,
  unit: string,
  { lines, raw }: LogFlags,
): Promise<void> {
  const written = await client.logs({ unit, lines });
  if (output.json) return output.printJson({ schemaVersion: 1, unit, lines: written });
  if (written.length === 0) output.note(`${unit} has written nothing`);
  else output.print((raw ? written : written.map(logLineText)).join("\n"));
}

export async function showChanges({ client, output }: Look): Promise<void> {
  const changes = await client.changes();
  if (output.json) return output.printJson({ schemaVersion: 1, changes });
  if (changes.length === 0) return output.print("no changes");
  output.print(
    table(
      [
        "id",
        "at (UTC)",
        { head: "kind", dropRank: 2 },
        { head: "by", dropRank: 1 },
        { head: "what", wrap: true },
        { head: "detail", wrap: true },
      ],
      changes.map(({ id, at, kind, by, summary, detail }) => [
        id,
        at.slice(11, 19),
        kind,
        by,
        summary,
        detail,
      ]),
      output.width,
    ),
  );
}

export async function showConfig({ client, output }: Look, version: number | undefined): Promise<void> {
  const config = await client.config({ version });
  if (output.json) output.printJson({ schemaVersion: 1, ...config });
  else {
    // Beside the data: what is shown can be saved, edited and applied as it is.
    output.note(`version ${config.version}`);
    output.print(config.yaml.trimEnd());
  }
}

export async function showHistory({ client, output }: Look): Promise<void> {
  const versions = await client.configHistory();
  if (output.json) return output.printJson({ schemaVersion: 1, versions });
  output.print(
    table(
      ["version", "at", { head: "author", dropRank: 1 }, { head: "reason", wrap: true }],
      versions.map(({ version, at, author, reason }) => [version, at, author, reason]),
      output.width,
    ),
  );
}

/** Without versions: the active configuration against the one before it. */
export async function showDiff(
  { client, output }: Look,
  from: number | undefined,
  to: number | undefined,
): Promise<void> {
  const { patch, same, ...versions } = await client.configDiff({ from, to });
  if (output.json) output.printJson({ schemaVersion: 1, ...versions, same, patch });
  else
    output.print(
      same
        ? `versions ${versions.from} and ${versions.to} are the same`
        : patch.slice(patch.indexOf("--- ")).trimEnd(),
    );
}

export async function showMetrics({ client, output }: Look, unit: string): Promise<void> {
  const text = await client.metrics({ unit });
  if (output.json) output.printJson({ schemaVersion: 1, unit, text });
  else output.print(text.trimEnd());
}
