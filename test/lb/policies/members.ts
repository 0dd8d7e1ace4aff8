import type { Candidate, Policy } from "../../../lb/policies/policy.ts";

export interface Member extends Candidate {
  weight: number;
  inFlight: number;
}

export const nobody: ReadonlySet<Member> = new Set();

/** A pool's view as a policy sees it: changed in place, then notified. Members are m0, m1, ... */
export function createMembers(weights: readonly number[]) {
  const all: Member[] = weights.map((weight, order) => ({ name: `m${order}`, weight, inFlight: 0, order }));
  const view = [...all];
  const gone: Member[] = [];
  let policy: Policy<Member> | undefined;
  const byName = new Map(all.map((member) => [member.name, member]));
  const get = (name: string): Member => {
    const member = byName.get(name);
    if (!member) throw new Error(`no member ${name}`);
    return member;
  };
  return {
    all,
    view,
    get,
    notify(to: Policy<Member>) {
      policy = to;
    },
    join(name: string) {
      const member = get(name);
      if (view.includes(member)) return;
      view.push(member);
      view.sort((a, b) => a.order - b.order);
      policy?.changed?.(member, "joined");
    },
    leave(name: string) {
      const place = view.indexOf(get(name));
      if (place === -1) return;
      view.splice(place, 1);
      policy?.changed?.(get(name), "left");
    },
    /** Everyone else leaves, one by one. */
    leaveAllBut(name: string) {
      for (const member of view.splice(0)) if (member.name !== name) gone.push(member);
      view.push(get(name));
      for (const member of gone.splice(0)) policy?.changed?.(member, "left");
    },
    weigh(name: string, weight: number) {
      const member = get(name);
      member.weight = weight;
      if (view.includes(member)) policy?.changed?.(member, "weight");
    },
    load(name: string, inFlight: number) {
      const member = get(name);
      member.inFlight = inFlight;
      if (view.includes(member)) policy?.loadChanged?.(member);
    },
  };
}
