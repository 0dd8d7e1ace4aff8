/** A member knows its index; -1 outside. It is in one list at a time. */
export interface Member {
  slot: number;
}

/** Members that are added and removed all the time, in no particular but a deterministic order. */
export interface MemberList<M extends Member> {
  add(member: M): void;
  /** False when it is no member. */
  remove(member: M): boolean;
  /** A copy of the current members. */
  members(): M[];
  /** Removes all members, and returns them. */
  drain(): M[];
}

/**
 * Replaces a Set where members change by the hundred thousand: V8 links each table that a Set has outgrown to the next
 * one, and a chain of them in the old generation keeps all former young members alive.
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
