import { z } from "zod";
import { WAY_FIELD } from "../../runtime/answer-proof.ts";

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
const VALUE = /^[!-~](?:[ \t!-~]{0,4094}[!-~])?$/;

/** Written by each hop that frames a message (RFC 9110, 7.6.1): a rule here would let a second message in. */
const FRAMING = new Set([
  "connection",
  "content-length",
  "expect",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** What the balancer writes of itself and of the client: trustworthy only while no rule can set it. */
const OWN = new Set([
  "via",
  "x-balancer-flag",
  WAY_FIELD,
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-request-id",
]);

const fieldName = z
  .string()
  .regex(NAME, "must be a field name of RFC 9110: letters, digits and !#$%&'*+-.^_`|~")
  .refine((name) => !FRAMING.has(name.toLowerCase()), "belongs to one connection: no rule may touch it")
  .refine((name) => !OWN.has(name.toLowerCase()), "is the balancer's own to write: no rule may touch it");
const fieldValue = z
  .string()
  .regex(VALUE, "must be visible ASCII, with spaces and tabs inside only, of 4096 characters at most");

const MAX_RULES = 32;
const fields = z
  .record(fieldName, fieldValue)
  .refine((given) => Object.keys(given).length <= MAX_RULES, `must have ${MAX_RULES} fields at most`)
  .refine((given) => {
    const names = Object.keys(given).map((name) => name.toLowerCase());
    return new Set(names).size === names.length;
  }, "must not have two fields whose names differ in case only");

const edit = z.strictObject({
  remove: z.array(fieldName).max(MAX_RULES).default([]).describe("Leave out every field of these names"),
  set: fields
    .default({})
    .describe("Put this value in place of every field of the name, or beside them if there is none"),
  add: fields.default({}).describe("One more field, whatever there is of the name"),
});
const NOT_A_LIST = new Set(["host"]);
const notHost = (names: readonly string[]) => !names.some((name) => NOT_A_LIST.has(name.toLowerCase()));
const requestEdit = edit
  .refine(({ add }) => notHost(Object.keys(add)), {
    path: ["add"],
    message: "must not have Host: a request has one (RFC 9112, 3.2), set replaces it",
  })
  .refine(({ remove }) => notHost(remove), {
    path: ["remove"],
    message: "must not have Host: a request has one (RFC 9112, 3.2), set replaces it",
  })
  .refine(
    ({ set }) => Object.entries(set).every(([name, value]) => notHost([name]) || AUTHORITY.test(value)),
    {
      path: ["set"],
      message: "must have a Host that is a host name or an address, with or without a port",
    },
  );
const AUTHORITY = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/;

/** What a route changes in header fields: removed first, then set, then added. Names in any case. */
export const headerRules = z
  .strictObject({
    request: requestEdit.optional().describe("In what an upstream gets"),
    response: edit
      .optional()
      .describe("In what a client gets of an upstream's answer; not in the balancer's own answers"),
  })
  .describe("Header fields that this route changes, both ways");

export type HeaderEdit = z.infer<typeof edit>;
