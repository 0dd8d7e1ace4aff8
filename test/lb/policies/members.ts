import type { Candidate, Policy } from "../../../lb/policies/policy.ts";

export interface Member extends Candidate {
  weight: number;
  inFlight: number;
}

export const nobody: ReadonlySet<Member> = new Set();

/** A pool's view as a policy sees it: changed in place, then told. Members are m0, m1, ... */
export function createMembers(weights: readonly number[]) {
  const all: Member[] = weights.map((weight, order) => ({ name: `m${order}`, weight, inFlight: 0, order }));
  const view = [...all];
  let policy: Policy<Member> | undefined;
  const get = (name: string): Member => {
    const member = all.find((one) => one.name === name);
    if (!member) throw new Error(`no member ${name}`);
    return member;
  };
  return {
    all,
    view,
    get,
    tell(to: Policy<Member>) {
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
