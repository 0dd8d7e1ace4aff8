import type { AnswerFacts } from "../runtime/answer-facts.ts";
import { originProof } from "../runtime/answer-proof.ts";
import type { Keys } from "../runtime/keys.ts";
import type { BackendConfig } from "./config.ts";
import type { Fields, ServiceRequest } from "./toolkit.ts";

export interface ServiceAnswer {
  readonly status: number;
  readonly type: string;
  readonly setCookie: string | undefined;
  readonly text: string;
  /** The same as values, where the text is JSON: in virtual time nobody has to parse it. */
  readonly said: AnswerFacts | undefined;
  /** This backend's signature of the answer, for requests with a nonce. */
  readonly proof: string | undefined;
}

/** The request that an answer belongs to. */
export type AskedService = Pick<ServiceRequest, "method" | "url" | "nonce">;

/** Makes a backend's answers: each is signed, and those in JSON begin with who gave them. */
export interface Answers {
  text(status: number, request: AskedService, type: string, text: string): ServiceAnswer;
  json(status: number, request: AskedService, fields: Fields, setCookie?: string): ServiceAnswer;
}

const JSON_TYPE = "application/json; charset=utf-8";

export function createAnswers(config: BackendConfig, sign: Keys["origin"]): Answers {
  const { name, role, version } = config;
  const address = addressOf(config);
  // Every answer begins with it.
  const whose = JSON.stringify({ backend: name, role, version }).slice(0, -1);

  const proofOf = ({ method, url, nonce }: AskedService, status: number, text: string): string | undefined =>
    nonce === undefined || sign === undefined
      ? undefined
      : originProof(sign, address, { nonce, method, target: url }, { status, text });

  return {
    text: (status, request, type, text) => ({
      status,
      type,
      setCookie: undefined,
      text,
      said: undefined,
      proof: proofOf(request, status, text),
    }),
    json(status, request, fields, setCookie) {
      const { nonce } = request;
      const text = `${whose},"nonce":${nonce === undefined ? "null" : JSON.stringify(nonce)}${rest(fields)}`;
      return {
        status,
        type: JSON_TYPE,
        setCookie,
        text,
        said: { backend: name, nonce, fields },
        proof: proofOf(request, status, text),
      };
    },
  };
}

/** Its address as an upstream: one that listens on all addresses is in a container, addressed by its name. */
const addressOf = ({ name, host, port }: BackendConfig): string =>
  `${host === "0.0.0.0" ? name : host}:${port}`;

/** The rest of an object's text, to follow other fields. */
function rest(fields: Fields): string {
  const text = JSON.stringify(fields);
  return text === "{}" ? "}" : `,${text.slice(1)}`;
}
