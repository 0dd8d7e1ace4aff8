/** Printed in place of a secret. */
const REDACTED = "<redacted>";

/** Node's own symbol for an object's representation in `console.log` and in a log's lines. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** A text that cannot be printed: as text, as JSON and in a debugger's view it is `<redacted>`; only `reveal` gives it. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [INSPECT](): string {
    return REDACTED;
  }
}
