import { DiffView } from "../editor/diff-view.tsx";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import { Looking } from "../regions/looking.tsx";

interface VersionsDiffProps {
  readonly trainee: Trainee;
  readonly from: number;
  readonly to: number;
}

/** Versions never change: once read they are not read again. */
const NEVER_MS = 2 ** 31 - 1;

/** What differs between two versions of the configuration. */
export const VersionsDiff = ({ trainee, from, to }: VersionsDiffProps) => (
  <div class="stack">
    <h3>
      Version {from} to {to} <code class="same">npx lblab config diff {`${from} ${to}`}</code>
    </h3>
    <Looking
      subject={`diff ${from} ${to}`}
      everyMs={NEVER_MS}
      read={async (options) => {
        const [{ patch }, before, after] = await Promise.all([
          trainee.configDiff({ from, to }, options),
          trainee.config({ version: from }, { background: true }),
          trainee.config({ version: to }, { background: true }),
        ]);
        return { patch, before: before.yaml, after: after.yaml };
      }}
    >
      {(versions) => <DiffView label={`Version ${from} to ${to}`} {...versions} />}
    </Looking>
  </div>
);
