import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  type Alias,
  type CST,
  type Node,
} from "yaml";
import { quote, type Path } from "./fault.ts";
import { createPositions, offsetOf, type Position, type Positions } from "./positions.ts";

/** Nesting of the text, counted in the parser's own levels: a legitimate file needs fewer than twenty. */
const MAX_DEPTH = 60;
/** A file with 20,000 upstreams has 600,000. */
const MAX_LEXEMES = 1_000_000;
const MAX_ALIASES = 100;
/** Values that aliases may stand for in all: what is written once and used often still costs each time. */
const MAX_ALIASED_VALUES = 100_000;
/** Their meaning in JavaScript would reach past the configuration. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const PLAIN_TAG = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/;

export interface DocumentFault extends Position {
  readonly path: Path;
  readonly message: string;
}

/** What a YAML text holds as plain values. `value` is only worth checking further when `readable`. */
export interface ReadDocument {
  readonly value: unknown;
  readonly readable: boolean;
  readonly positions: Positions;
  readonly faults: readonly DocumentFault[];
}

/**
 * Reads one YAML 1.2 document into plain values, refusing what makes YAML dangerous or ambiguous: several documents,
 * own tags, duplicate keys, keys that are not text, runaway aliases and nesting. Written against `yaml`'s lower layers,
 * because its `parseDocument` recurses without limit and compares every pair of keys.
 */
export function readDocument(text: string): ReadDocument {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const faults: DocumentFault[] = [];
  const refuse = (offset: number, message: string, path: Path = []): void => {
    faults.push({ ...at(offset), path, message });
  };
  const targets = new Map<Alias, Node>();

  const tokens = tokenise(text, lines, refuse);
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false, lineCounter: lines });
  const [document] = tokens === undefined ? [] : composer.compose(tokens, true, text.length);
  if (document === undefined)
    return { value: undefined, readable: false, positions: createPositions(null, lines, targets), faults };

  for (const error of document.errors) refuse(error.pos[0], `not valid YAML: ${firstLine(error.message)}`);
  if (document.directives?.yaml.version !== "1.2")
    refuse(0, "the %YAML directive asks for another version, allowed is 1.2");
  const root = document.contents as Node | null;
  const readable = document.errors.length === 0;
  const value = readable ? plainValue(root, targets, refuse, (offset) => at(offset).line) : undefined;
  return { value, readable, positions: createPositions(root, lines, targets), faults };
}

type Refuse = (offset: number, message: string, path?: Path) => void;

/** The tokens of the text's one document; undefined when the text goes past a limit, which is then refused. */
function tokenise(text: string, lines: LineCounter, refuse: Refuse): CST.Token[] | undefined {
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  let documents = 0;
  const keep = (token: CST.Token): boolean => {
    if (token.type === "document" && ++documents > 1) {
      refuse(token.offset, "a second document begins here, allowed is one");
      return false;
    }
    tokens.push(token);
    return true;
  };
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) if (!keep(token)) return tokens;
    if (parser.stack.length > MAX_DEPTH) {
      refuse(parser.offset, `nested too deep, allowed are ${MAX_DEPTH} levels`);
      return undefined;
    }
    if (++lexemes > MAX_LEXEMES) {
      refuse(parser.offset, `too many elements, allowed are ${MAX_LEXEMES}`);
      return undefined;
    }
  }
  for (const token of parser.end()) if (!keep(token)) break;
  return tokens;
}

function plainValue(
  root: Node | null,
  targets: Map<Alias, Node>,
  refuse: Refuse,
  lineAt: (offset: number) => number,
): unknown {
  const anchors = new Map<string, { node: Node; value: unknown; size: number; whole: boolean }>();
  let aliases = 0;
  let aliasedValues = 0;
  let values = 0;

  function convert(node: unknown, path: Path): unknown {
    values++;
    if (isAlias(node)) return follow(node, path);
    const known = node as Node | null;
    const tag = (known as { tag?: string } | null)?.tag;
    if (tag !== undefined && !PLAIN_TAG.test(tag))
      refuse(offsetOf(node) ?? 0, `has the tag ${quote(tag)}, allowed are YAML's own types`, path);
    const anchor = (known as { anchor?: string } | null)?.anchor;
    if (anchor === undefined || known === null) return content(node, path);
    const entry = { node: known, value: undefined as unknown, size: values, whole: false };
    anchors.set(anchor, entry);
    entry.value = content(node, path);
    entry.size = values - entry.size + 1;
    entry.whole = true;
    return entry.value;
  }

  function content(node: unknown, path: Path): unknown {
    if (isScalar(node)) return node.value;
    if (isSeq(node)) return node.items.map((item, index) => convert(item, [...path, index]));
    if (!isMap(node)) return null;
    const object: Record<string, unknown> = {};
    const lineOf = new Map<string, number>();
    for (const { key, value } of node.items) {
      const offset = offsetOf(key) ?? offsetOf(value) ?? offsetOf(node) ?? 0;
      const name = isScalar(key) ? key.value : undefined;
      if (typeof name !== "string") {
        refuse(offset, `a field's name must be text: put it in quotes`, path);
      } else if (FORBIDDEN_KEYS.has(name)) {
        refuse(offset, "is not a name that a field may have", [...path, name]);
      } else if (name === "<<") {
        refuse(offset, "merging with << is not supported, repeat the fields", path);
      } else if (lineOf.has(name)) {
        refuse(offset, `is given twice, first on line ${lineOf.get(name)}`, [...path, name]);
      } else {
        lineOf.set(name, lineAt(offset));
        object[name] = convert(value, [...path, name]);
      }
    }
    return object;
  }

  function follow(alias: Alias, path: Path): unknown {
    const offset = offsetOf(alias) ?? 0;
    const anchored = anchors.get(alias.source);
    if (anchored === undefined) {
      refuse(offset, `*${alias.source} stands for nothing: no &${alias.source} comes before it`, path);
    } else if (!anchored.whole) {
      refuse(offset, `*${alias.source} stands inside the very thing that it names`, path);
    } else if (++aliases > MAX_ALIASES) {
      if (aliases === MAX_ALIASES + 1) refuse(offset, `too many aliases, allowed are ${MAX_ALIASES}`, path);
    } else if ((aliasedValues += anchored.size) > MAX_ALIASED_VALUES) {
      refuse(offset, `aliases stand for too much, allowed are ${MAX_ALIASED_VALUES} values in all`, path);
    } else {
      targets.set(alias, anchored.node);
      values += anchored.size;
      return anchored.value;
    }
    return undefined;
  }

  return convert(root, []);
}

const firstLine = (message: string): string => message.split("\n", 1)[0] ?? "";
