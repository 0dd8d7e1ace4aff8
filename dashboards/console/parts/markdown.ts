/** A piece of a line. A link is its words and its address, as text. */
export interface Piece {
  readonly kind: "text" | "bold" | "code";
  readonly text: string;
}

export type Block =
  | { readonly kind: "paragraph"; readonly pieces: readonly Piece[] }
  | { readonly kind: "heading"; readonly pieces: readonly Piece[] }
  | { readonly kind: "list"; readonly items: readonly (readonly Piece[])[] };

const PIECE = /\*\*([^*]+)\*\*|`([^`]+)`|\[([^\]]*)\]\(([^)\s]*)\)/g;

export function piecesOf(line: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  const plain = (text: string): void => void (text !== "" && pieces.push({ kind: "text", text }));
  for (const found of line.matchAll(PIECE)) {
    const [whole, bold, code, words, address] = found;
    plain(line.slice(at, found.index));
    if (bold !== undefined) pieces.push({ kind: "bold", text: bold });
    else if (code !== undefined) pieces.push({ kind: "code", text: code });
    else plain(`${words} (${address})`);
    at = found.index + whole.length;
  }
  plain(line.slice(at));
  return pieces;
}

/** Paragraphs, headings and lists; everything else is the text that it is. */
export function blocksOf(markdown: string): Block[] {
  return markdown
    .replaceAll("\r\n", "\n")
    .split(/\n{2,}/)
    .filter((part) => part.trim() !== "")
    .map((part): Block => {
      const lines = part.trim().split("\n");
      if (lines[0]?.startsWith("- ")) {
        const items = lines
          .join("\n")
          .split(/\n(?=- )/)
          .map((item) => piecesOf(item.slice(2).replaceAll(/\n\s*/g, " ")));
        return { kind: "list", items };
      }
      const heading = lines.length === 1 ? /^#{1,6} (.*)$/.exec(lines[0] ?? "")?.[1] : undefined;
      if (heading !== undefined) return { kind: "heading", pieces: piecesOf(heading) };
      return { kind: "paragraph", pieces: piecesOf(lines.join(" ")) };
    });
}
