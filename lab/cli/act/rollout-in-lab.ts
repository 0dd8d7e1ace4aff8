import { createTwoFilesPatch } from "diff";
import { formatFinding } from "../../../lb/config/lint/lint.ts";
import { EXIT } from "../../../runtime/errors.ts";
import type { HeldChange } from "../../drill/held-changes.ts";
import type { AuditView, RolloutView } from "../../world/rollout-view.ts";
import type { Output } from "../output.ts";
import type { Finish } from "./finish.ts";

/** An audit as a balancer answers it. */
export type AuditLines = Pick<AuditView, "drift" | "fault"> & {
  readonly findings: readonly { readonly text: string }[];
};

/** What waits for a reviewer: a proposal at the balancer, and what measures hold. */
export async function proposalInLab({ client, output }: Finish): Promise<number> {
  const { balancer, held } = await client.rollout();
  const proposal = balancer?.proposal ?? null;
  if (output.json) output.printJson({ schemaVersion: 1, proposal, held });
  else {
    const shown = [
      ...(proposal ? [proposalText(proposal, (await client.config()).yaml)] : []),
      ...held.map(heldText),
    ];
    output.print(shown.length === 0 ? "nothing waits for a reviewer" : shown.join("\n\n"));
  }
  return EXIT.ok;
}

function proposalText(
  { id, by, reason, over, stale, yaml }: NonNullable<RolloutView["proposal"]>,
  active: string,
): string {
  const head = `proposal ${id} by ${by}, over version ${over}${stale ? " (stale: another one is active)" : ""}: ${reason}`;
  return `${head}\n${patchOf("active", `proposal ${id}`, active, yaml)}`;
}

function heldText({ id, by, author, summary, subjects, since, config }: HeldChange): string {
  const head = `${id}: ${summary} by ${author} (${subjects.join(", ")}), held by ${by} since ${since}`;
  return config ? `${head}\n${patchOf("active", id, config.before, config.after)}` : head;
}

function patchOf(from: string, to: string, before: string, after: string): string {
  const patch = createTwoFilesPatch(from, to, before, after);
  return patch.slice(patch.indexOf("--- ")).trimEnd();
}

export async function auditInLab({ client, output }: Finish): Promise<number> {
  const { findings, ...audit } = await client.audit();
  const texts = findings.map((finding) => ({ ...finding, text: formatFinding(finding) }));
  return showAudit(output, { ...audit, findings: texts });
}

/** Exit code 4 when it found something. */
export function showAudit(output: Output, audit: AuditLines): number {
  const { drift, findings, fault } = audit;
  const lines = [...drift, ...(fault === null ? [] : [fault]), ...findings.map(({ text }) => text)];
  if (output.json) output.printJson({ schemaVersion: 1, ...audit });
  else output.print(lines.length === 0 ? "nothing was found" : lines.join("\n"));
  return lines.length === 0 ? EXIT.ok : EXIT.notSolved;
}
