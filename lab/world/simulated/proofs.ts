import { headerValue, type HeaderList } from "../../../lb/exchange.ts";
import { ORIGIN_FIELD, WAY_FIELD, type Proofs } from "../../../runtime/answer-proof.ts";

export const NO_PROOFS: Proofs = { origin: undefined, way: undefined };

/** The proofs in an answer's head. */
export const proofsIn = (headers: HeaderList): Proofs => ({
  origin: headerValue(headers, ORIGIN_FIELD),
  way: headerValue(headers, WAY_FIELD),
});
