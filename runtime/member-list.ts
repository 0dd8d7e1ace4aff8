/** A member knows its place; -1 outside. One crowd at a time. */
export interface Member {
  slot: number;
}

/** Members that come and go all the time, in no particular but always the same order. */
export interface MemberList<M extends Member> {
  add(member: M): void;
  /** False when it is no member. */
  remove(member: M): boolean;
  /** Whoever is in it now. */
  members(): M[];
  /** Takes everybody out. */
  drain(): M[];
}

/**
 * What a Set is for, without what a Set costs where members change by the hundred thousand: V8 links each table that a
 * Set has outgrown to the next one, and a chain of them, once old, keeps everything young alive that ever was a member.
 */
export function createMemberList<M extends Member>(): MemberList<M> {
  let members: M[] = [];
  return {
    add(member) {
      member.slot = members.push(member) - 1;
    },
    remove(member) {
      const { slot } = member;
      if (slot < 0) return false;
      member.slot = -1;
      const last = members.pop();
      if (last === undefined || last === member) return true;
      members[slot] = last;
      last.slot = slot;
      return true;
    },
    members: () => [...members],
    drain() {
      const all = members;
      members = [];
      for (const member of all) member.slot = -1;
      return all;
    },
  };
}
