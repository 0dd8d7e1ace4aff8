import { CodedError } from "../../../runtime/errors.ts";
import type { Log } from "../../../runtime/log.ts";
import type { RolloutMetrics } from "../../telemetry/rollout-metrics.ts";
import type { AppliedVersion, ConfigControl, PushTerms } from "../config-control.ts";
import type { Finding } from "../lint/lint.ts";
import type { ProposalTexts } from "../medium.ts";
import type { ChangeNote } from "../store.ts";
import type { CanaryControl, CanaryOptions } from "./canary.ts";
import type { ChangeLog } from "./change-log.ts";
import type { Proposal } from "./change-state.ts";
import { mayChange, mayReview, type Identity } from "./identity.ts";
import { PushRefused, type Push, type PushGate } from "./push.ts";

/** A proposal as a reviewer reads it. */
export interface OpenProposal extends Proposal {
  readonly yaml: string;
  /** Another version is in force than the one that it was made for: it cannot be approved any more. */
  readonly stale: boolean;
}

/**
 * Configurations that wait for the approval of somebody who is not their author; one at a time. Throws PushRefused,
 * ConfigRefused, CONFIG_CONFLICT, NOT_FOUND and DISK.
 */
export interface Proposals {
  readonly open: OpenProposal | undefined;
  /** Takes the place of an own or a stale one. */
  propose(
    yaml: string,
    note: ChangeNote,
    terms: PushTerms,
  ): Promise<{ readonly proposal: Proposal; readonly findings: readonly Finding[] }>;
  /** Puts it in force, or starts it as a canary with these options. A refusal leaves it open. */
  approve(id: number, by: Identity, reason: string, canary?: Partial<CanaryOptions>): Promise<AppliedVersion>;
  /** By a reviewer, or by its author, who takes it back. */
  reject(id: number, by: Identity, reason: string): Proposal;
}

export interface ProposalsDeps {
  readonly log: Log;
  readonly changes: ChangeLog;
  readonly texts: ProposalTexts;
  readonly digest: (text: string) => string;
  readonly gate: Pick<PushGate, "refused">;
  readonly metrics: Pick<RolloutMetrics, "proposals">;
  readonly inForce: () => number;
  readonly control: () => Pick<ConfigControl, "apply" | "examine">;
  readonly canary: () => Pick<CanaryControl, "start">;
}

export function createProposals(deps: ProposalsDeps): Proposals {
  const { log, changes, texts, digest, metrics, inForce, control } = deps;
  const waiting = createWaiting(deps);
  show();

  function show(): void {
    metrics.proposals.of().value = changes.state.proposal ? 1 : 0;
  }

  /** `event` says how it ends; nobody waits any more. */
  function end(event: "approved" | "rejected" | "withdrawn", id: number, by: Identity, reason: string): void {
    changes.append({ event, id, by: by.name, reason });
    show();
    texts.remove();
  }

  return {
    get open() {
      const { proposal } = changes.state;
      return proposal && { ...proposal, yaml: texts.read() ?? "", stale: proposal.over !== inForce() };
    },
    async propose(yaml, note, terms) {
      const findings = await control().examine(yaml, note, terms);
      waiting.makeRoom(note.author);
      const [id, over, sha256] = [changes.state.proposals + 1, inForce(), digest(yaml)];
      try {
        texts.write(yaml);
      } catch (error) {
        throw new CodedError("DISK", "the proposal cannot be kept", { cause: error });
      }
      changes.append({ event: "proposed", id, by: note.author, reason: note.reason, over, sha256 });
      show();
      log.info({ id, by: note.author, over }, `proposal ${id} by ${note.author} waits for a reviewer`);
      return { proposal: waiting.found(id), findings };
    },
    async approve(id, by, reason, options) {
      const proposal = waiting.found(id);
      const note = { author: proposal.by, reason: proposal.reason, approvedBy: by.name };
      refusing(deps, { way: "approved", note, by }, () => requireReviewer(by, proposal));
      const terms = { by, approvedBy: by.name, expected: [proposal.over] };
      const yaml = waiting.textOf(proposal);
      const applied = await (options === undefined
        ? control().apply(yaml, note, { ...terms, way: "approved" })
        : deps.canary().start(yaml, note, options, terms));
      end("approved", id, by, reason);
      return applied;
    },
    reject(id, by, reason) {
      const proposal = waiting.found(id);
      const own = by.name === proposal.by && mayChange(by);
      refusing(deps, { way: "approved", note: { author: by.name, reason }, by }, () => {
        if (!mayReview(by) && !own)
          throw new PushRefused("role", `${by.name} is no reviewer, and rejects only what is their own`);
      });
      end(own ? "withdrawn" : "rejected", id, by, reason);
      log.info(
        { id, by: by.name, reason },
        `proposal ${id} was ${own ? "withdrawn" : "rejected"} by ${by.name}`,
      );
      return proposal;
    },
  };
}

/** Throws what `run` throws, counted and logged. */
function refusing({ gate }: Pick<ProposalsDeps, "gate">, push: Push, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (error instanceof PushRefused) gate.refused(push, error);
    throw error;
  }
}

function requireReviewer(by: Identity, { id, by: author }: Proposal): void {
  if (!mayReview(by)) throw new PushRefused("role", `${by.name} is no reviewer, and approves nothing`);
  if (by.name === author)
    throw new PushRefused("own", `${by.name} is the author of proposal ${id}, another one must approve it`);
}

/** The proposal that waits, and its text. */
function createWaiting({ changes, texts, digest, inForce }: ProposalsDeps) {
  function found(id: number): Proposal {
    const { proposal } = changes.state;
    if (proposal?.id === id) return proposal;
    throw new CodedError("NOT_FOUND", `no proposal ${id} waits`, {
      hint: proposal ? `number ${proposal.id} does` : "propose one",
    });
  }

  function textOf(proposal: Proposal): string {
    const yaml = texts.read();
    if (yaml !== undefined && digest(yaml) === proposal.sha256) return yaml;
    throw new CodedError("DISK", `the text of proposal ${proposal.id} is gone, or is not what was proposed`, {
      hint: "reject it, and propose again",
    });
  }

  function makeRoom(author: string): void {
    const { proposal } = changes.state;
    if (!proposal) return;
    if (proposal.by !== author && proposal.over === inForce())
      throw new CodedError(
        "CONFIG_CONFLICT",
        `proposal ${proposal.id} by ${proposal.by} waits for a reviewer`,
        {
          hint: "approve or reject it first",
        },
      );
    const reason = proposal.by === author ? "another one takes its place" : "it was stale";
    changes.append({ event: "withdrawn", id: proposal.id, by: author, reason });
  }

  return { found, textOf, makeRoom };
}
