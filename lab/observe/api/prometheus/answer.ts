import type { Annotations } from "../../promql/query.ts";

/** An error of Prometheus' API, by its kinds. */
export class ApiError extends Error {
  readonly kind: keyof typeof STATUS;

  constructor(kind: keyof typeof STATUS, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The status of each kind of error over HTTP. */
export const STATUS = { bad_data: 400, execution: 422, timeout: 503 } as const;

export const invalid = (parameter: string, message: string): ApiError =>
  new ApiError("bad_data", `invalid parameter "${parameter}": ${message}`);

/** The `data` of an answer, with warnings about it. */
export class Annotated<Data = unknown> {
  readonly data: Data;
  readonly annotations: Annotations;

  constructor(data: Data, { warnings, infos }: Annotations) {
    this.data = data;
    this.annotations = {
      ...(warnings && warnings.length > 0 ? { warnings } : {}),
      ...(infos && infos.length > 0 ? { infos } : {}),
    };
  }
}
