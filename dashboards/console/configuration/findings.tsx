import type { TextPlace } from "../editor/mounted-editor.ts";
import { findingText } from "../editor/finding-place.ts";
import type { Finding } from "../../../lb/config/lint/lint.ts";

interface FindingsProps {
  readonly findings: readonly Finding[];
  readonly goTo: (place: TextPlace) => void;
}

/** What `config check` says of the text, a line each; a line leads to its place. */
export const Findings = ({ findings, goTo }: FindingsProps) => (
  <ul class="findings" aria-label="Found in the text">
    {findings.map((finding, i) => (
      <li key={i}>
        <button
          type="button"
          class={finding.severity === "error" ? "plain mono bad" : "plain mono"}
          title="npx lblab config check FILE"
          onClick={() => goTo(finding)}
        >
          {findingText(finding)}
        </button>
      </li>
    ))}
  </ul>
);
