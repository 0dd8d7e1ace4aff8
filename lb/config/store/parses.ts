import { parseBalancerConfig, type ParsedConfig } from "../parse.ts";
import type { Parser } from "../parse-aside.ts";
import { ConfigRefused } from "../refused.ts";

/** Texts parsed; the last one is remembered until it is in force. */
export interface Parses {
  parse(raw: string | Uint8Array): ParsedConfig;
  /** Without blocking, where there is a parser. */
  parseAside(raw: string | Uint8Array): Promise<ParsedConfig>;
  /** Throws ConfigRefused for a text that is faulty. */
  demand(raw: string | Uint8Array): void;
  /** The positions of its fields are no longer needed. */
  forget(): void;
}

/**
 * The same text is asked about several times in a row, to prepare it and to keep it, and each time costs: the last one is
 * remembered until it is in force. One that is refused may stay in the file for long, and is parsed by each read of the history.
 */
export function createParses(
  path: string,
  digest: (raw: string | Uint8Array) => string,
  parser: Parser | undefined,
): Parses {
  let last: { readonly sha256: string; readonly parsed: ParsedConfig } | undefined;

  const remembered = (raw: string | Uint8Array): ParsedConfig | undefined =>
    last?.sha256 === digest(raw) ? last.parsed : undefined;

  function remember(raw: string | Uint8Array, parsed: ParsedConfig): ParsedConfig {
    last = { sha256: digest(raw), parsed };
    return parsed;
  }

  const parse = (raw: string | Uint8Array): ParsedConfig =>
    remembered(raw) ?? remember(raw, parseBalancerConfig(raw, path));

  return {
    parse,
    async parseAside(raw) {
      if (parser === undefined) return parse(raw);
      const bytes = typeof raw === "string" ? new TextEncoder().encode(raw) : raw;
      return remembered(raw) ?? remember(raw, await parser(bytes, path));
    },
    demand(raw) {
      const parsed = parse(raw);
      if (!parsed.ok) throw new ConfigRefused(parsed.faults);
    },
    forget() {
      if (last?.parsed.ok === true) last = undefined;
    },
  };
}
