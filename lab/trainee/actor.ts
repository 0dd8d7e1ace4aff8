const NAME = "[a-z0-9]+(?:-[a-z0-9]+)*";
const PATTERN = new RegExp(`^(?:trainee|instructor|(?:measure|responder):${NAME})$`);

/** The actor of an act, as written in journals, change logs and answers: `trainee`, `measure:canary`. */
export type Actor = "trainee" | "instructor" | `measure:${string}` | `responder:${string}`;

/** A parsed actor; only a measure and a responder have a name. */
export type ActorParts =
  | { readonly kind: "trainee" | "instructor" }
  | { readonly kind: "measure" | "responder"; readonly name: string };

/** The parts of an actor's text; undefined where the text names none, as `by` in an old journal may not. */
export function parseActor(text: string): ActorParts | undefined {
  if (!PATTERN.test(text)) return undefined;
  const [kind, name] = text.split(":");
  return name === undefined
    ? { kind: kind as "trainee" | "instructor" }
    : { kind: kind as "measure" | "responder", name };
}

export const formatActor = (actor: ActorParts): Actor =>
  "name" in actor ? `${actor.kind}:${actor.name}` : actor.kind;

/**
 * True for acts that count as the trainee's: those of the trainee, of a responder, and from outside of the lab. Acts of a
 * measure or the instructor affect users, and count neither for nor against the trainee.
 */
export function isDriller(by: string | undefined): boolean {
  const kind = by === undefined ? undefined : parseActor(by)?.kind;
  return kind !== "measure" && kind !== "instructor";
}
