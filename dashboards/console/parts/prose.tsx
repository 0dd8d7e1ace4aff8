import { blocksOf, type Piece } from "./markdown.ts";

const Pieces = ({ pieces }: { readonly pieces: readonly Piece[] }) => (
  <>
    {pieces.map(({ kind, text }, i) =>
      kind === "bold" ? <b key={i}>{text}</b> : kind === "code" ? <code key={i}>{text}</code> : text,
    )}
  </>
);

/** Markdown of the lab's own texts, as elements. */
export const Prose = ({ text }: { readonly text: string }) => (
  <div class="prose">
    {blocksOf(text).map((block, i) =>
      block.kind === "list" ? (
        <ul key={i}>
          {block.items.map((pieces, j) => (
            <li key={j}>
              <Pieces pieces={pieces} />
            </li>
          ))}
        </ul>
      ) : block.kind === "heading" ? (
        <h3 key={i}>
          <Pieces pieces={block.pieces} />
        </h3>
      ) : (
        <p key={i}>
          <Pieces pieces={block.pieces} />
        </p>
      ),
    )}
  </div>
);
