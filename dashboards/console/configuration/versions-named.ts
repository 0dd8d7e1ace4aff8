import type { ChangeEntry } from "../../../lab/world/change-entry.ts";

/** The two versions of the configuration that a change lies between, by what its entry says; undefined where it names none. */
export function versionsNamed({
  kind,
  detail,
}: Pick<ChangeEntry, "kind" | "detail">): { readonly from: number; readonly to: number } | undefined {
  if (kind !== "config") return undefined;
  const [, from, to] = /\bversion (\d+) to (\d+)\b/.exec(detail) ?? [];
  if (from !== undefined && to !== undefined) return { from: Number(from), to: Number(to) };
  const active = Number(/\bversion (\d+) is (?:active|written)\b/.exec(detail)?.[1] ?? 0);
  return active > 1 ? { from: active - 1, to: active } : undefined;
}
