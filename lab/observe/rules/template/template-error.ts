/** What is wrong with a template, and where in its text. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
  /** Characters from the text's start. */
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Throws a TemplateError at this place. */
export function refuse(message: string, { at }: { readonly at: number }): never {
  throw new TemplateError(message, at);
}
