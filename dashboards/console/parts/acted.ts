import type { ActionResult } from "../../../lab/world/action-result.ts";

/** What an act came to, as a sentence; throws what refused it, so that it is shown as a refusal. */
export function acted({ ok, message }: ActionResult): string {
  if (!ok) throw new Error(message);
  return message;
}
