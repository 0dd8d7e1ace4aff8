import type { FastifyReply } from "fastify";
import { messageOf } from "../../../../runtime/errors.ts";
import { matcherTest } from "../../label-matcher.ts";
import { parseMatchers } from "../../pager/matcher-text.ts";
import type { LabelMatcher } from "../../samples.ts";

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A parameter of the request is invalid. */
class BadParameter extends Error {}

const all = (query: Query, name: string): readonly string[] =>
  Object.hasOwn(query, name) ? [query[name] ?? []].flat() : [];

/** The matchers of every `filter`, all of which have to hold. Throws BadParameter. */
export function filtersIn(query: Query): readonly LabelMatcher[] {
  return all(query, "filter").flatMap((text) => {
    const matchers = parseMatchers(text);
    if (!matchers) throw new BadParameter(`bad matcher format: ${text}`);
    try {
      matchers.forEach(matcherTest);
    } catch (error) {
      throw new BadParameter(messageOf(error), { cause: error });
    }
    return matchers;
  });
}

/** A boolean parameter, true when it is absent. Throws BadParameter. */
export function flagIn(query: Query, name: string): boolean {
  const [text = "true"] = all(query, name);
  if (text !== "true" && text !== "false")
    throw new BadParameter(`${name} must be true or false, not ${text}`);
  return text === "true";
}

/** Whether a receiver's name matches the expression that was given. Throws BadParameter. */
export function receiverTestIn(query: Query): (name: string) => boolean {
  const [pattern] = all(query, "receiver");
  if (pattern === undefined || pattern === "") return () => true;
  try {
    return matcherTest({ label: "receiver", op: "=~", value: pattern });
  } catch (error) {
    throw new BadParameter(`failed to parse receiver param: ${messageOf(error)}`, { cause: error });
  }
}

/** Answers a request with an invalid parameter as Alertmanager does: with a text. */
export function answered<T>(reply: FastifyReply, answer: () => T): T | FastifyReply {
  try {
    return answer();
  } catch (error) {
    if (!(error instanceof BadParameter)) throw error;
    return reply.code(400).type("application/json").send(JSON.stringify(error.message));
  }
}
