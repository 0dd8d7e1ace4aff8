import type { Admin, AdminDeps } from "../../../lb/admin/admin.ts";
import type { AppliedVersion, ConfigControl } from "../../../lb/config/config-control.ts";
import { readCanaryWords } from "../../../lb/admin/canary-words.ts";
import type { CanaryControl } from "../../../lb/config/rollout/canary.ts";
import { ADMIN } from "../../../lb/config/rollout/identity.ts";
import type { Rollout } from "../../../lb/config/rollout/rollout.ts";
import type { GuardAction } from "../../../scenarios/action.ts";
import { createPoolControl } from "../../../lb/pool/pool-control.ts";
import type { AdminClient } from "../admin-client.ts";
import { configResult, refusedBy, type ConfigAnswer } from "../config-answer.ts";
import { fileOf, guardResult, type GuardAnswer } from "../guard-acts.ts";
import { auditView, rolloutView } from "../rollout-view.ts";
import { upstreamPatch } from "../upstream-patch.ts";
import type { NetworkEnd } from "./network.ts";
import type { Scrapes } from "./scrapes.ts";
import { parseAddress } from "../../../lb/address.ts";

type Served = Omit<AdminDeps, "token">;

/** The balancer's admin interface without HTTP: what a running balancer offers at its port, and a client of it. */
export interface Admins {
  /** The interface of a balancer's process. */
  create(port: number, deps: Served, network: NetworkEnd): Admin;
  /** A client of the process that holds the port. */
  client(port: number): AdminClient;
}

export function createAdmins(holder: (port: number) => string | undefined, scrapes: Scrapes): Admins {
  const open = new Map<number, Served>();
  const at = (port: number): Served | undefined => (holder(port) === undefined ? undefined : open.get(port));

  return {
    create(port, deps, network) {
      const { balancer, counts, metrics } = deps;
      let close = (): void => {};
      return {
        async listen() {
          const unbind = network.bind(port, (incoming) => incoming.cut());
          open.set(port, deps);
          const source = {
            pools: () => balancer.pools(),
            connections: (address: string) => counts(parseAddress(address)),
          };
          const forget = scrapes.publish(port, { registry: () => metrics.read(source) });
          close = () => {
            unbind();
            forget();
            if (open.get(port) === deps) open.delete(port);
          };
          return { port };
        },
        close: async () => close(),
      };
    },
    client(port) {
      const change = async (
        run: (control: ConfigControl, canary: CanaryControl) => Promise<AppliedVersion>,
      ): Promise<ConfigAnswer | undefined> => {
        const served = at(port);
        if (!served) return undefined;
        try {
          const { findings, ...version } = await run(served.control, served.canary);
          return { taken: true, version, findings };
        } catch (error) {
          return refusedBy(error);
        }
      };
      return {
        apply: (yaml, note) => change((control) => control.apply(yaml, note)),
        rollback: (version, author) =>
          change((control) => control.rollback(version, { author, reason: "rolled back" })),
        canary: (yaml, note, words) =>
          change(async (_control, canary) => canary.start(yaml, note, readCanaryWords(words))),
        async endCanary({ do: act, reason }, author) {
          const note = { author, reason: reason ?? "by hand" };
          if (act === "config promote") return change((_control, canary) => canary.promote(note));
          const served = at(port);
          if (!served) return undefined;
          try {
            const { version } = await served.canary.abort(note);
            return { taken: true, version: { version }, findings: [] };
          } catch (error) {
            return refusedBy(error);
          }
        },
        async guard(step, author, until) {
          const served = at(port);
          if (!served) return undefined;
          try {
            return guardResult(step, await guarded(served.rollout, step, author, until));
          } catch (error) {
            return configResult(refusedBy(error), fileOf(step));
          }
        },
        async rollout() {
          const served = at(port);
          if (!served) return undefined;
          const { rollout, canary } = served;
          return rolloutView(rollout.status, canary.status, rollout.proposals.open);
        },
        async audit() {
          const served = at(port);
          return served && auditView(await served.rollout.audit.run());
        },
        async canaryStatus() {
          const served = at(port);
          return served && (served.canary.status ?? null);
        },
        inForce: async () => at(port)?.control.current.version,
        history: async () => at(port)?.store.history(),
        async pools() {
          const served = at(port);
          return served && createPoolControl(served.balancer, served.log).pools();
        },
        async upstream(step) {
          const served = at(port);
          if (!served) return undefined;
          try {
            const control = createPoolControl(served.balancer, served.log);
            const patch = upstreamPatch(step);
            const { message } = served.rollout.changeUpstream(
              step.upstream,
              patch,
              { note: { author: "admin", reason: "changed at run time" } },
              () => control.change(step.upstream, patch),
            );
            return { ok: true, message };
          } catch (error) {
            return configResult(refusedBy(error), "");
          }
        },
      };
    },
  };
}

/** What the admin API does with the token that a balancer was started with. */
async function guarded(
  { proposals, freezes }: Rollout,
  step: GuardAction,
  author: string,
  until: number | undefined,
): Promise<GuardAnswer> {
  switch (step.do) {
    case "config propose": {
      const expected = step.over === undefined ? {} : { expected: [step.over] };
      const note = { author, reason: step.reason ?? "proposed" };
      const { proposal, findings } = await proposals.propose(step.yaml, note, { by: ADMIN, ...expected });
      return { id: proposal.id, findings };
    }
    case "config approve":
      return proposals.approve(Number(step.proposal), ADMIN, step.reason ?? "approved");
    case "config reject":
      return proposals.reject(Number(step.proposal), { ...ADMIN, name: author }, step.reason ?? "rejected");
    case "config freeze":
      return freezes.freeze(author, step.reason, until);
    case "config thaw":
      freezes.thaw(author, step.reason ?? "thawed");
      return {};
  }
}
