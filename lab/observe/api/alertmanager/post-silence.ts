import { z } from "zod";
import type { Clock } from "../../../../runtime/clock.ts";
import { CodedError } from "../../../../runtime/errors.ts";
import { labelMatcher } from "../../pager/silence-view.ts";
import type { Silence, Silences } from "../../pager/silences.ts";

const postableSilence = z.strictObject({
  /** Of the silence that this one changes; absent or empty: a new one. */
  id: z.string().nullish(),
  matchers: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[A-Za-z_]\w*$/),
        value: z.string(),
        isRegex: z.boolean(),
        isEqual: z.boolean().default(true),
      }),
    )
    .min(1)
    .max(50),
  startsAt: z.iso.datetime({ offset: true }),
  endsAt: z.iso.datetime({ offset: true }),
  createdBy: z.string().min(1).max(200),
  comment: z.string().max(2000),
});

/** A silence as Alertmanager's API takes it. */
export type PostableSilence = z.input<typeof postableSilence>;

/**
 * Makes a silence, or changes the one that it names, over HTTP or without. Undefined where there is none by that id; throws
 * CodedError USAGE for an invalid silence.
 */
export function postSilence(
  given: unknown,
  { clock, silences }: { readonly clock: Clock; readonly silences: Silences },
): Silence | undefined {
  const checked = postableSilence.safeParse(given);
  if (!checked.success) throw new CodedError("USAGE", z.prettifyError(checked.error));
  const { id, matchers, startsAt, endsAt, createdBy, comment } = checked.data;
  const silence = {
    matchers: matchers.map(labelMatcher),
    startsAt: Date.parse(startsAt),
    endsAt: Date.parse(endsAt),
    createdBy,
    comment,
  };
  const now = clock.wall();
  return id ? silences.change(id, silence, now) : silences.add(silence, now);
}
