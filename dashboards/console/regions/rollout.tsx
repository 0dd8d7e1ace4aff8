import { useSignal } from "@preact/signals";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import type { Guards } from "../../../lab/trainee/answers.ts";
import type { ConsoleState } from "../console-state.ts";
import { DiffView } from "../editor/diff-view.tsx";
import { acted } from "../parts/acted.ts";
import { Action } from "../parts/action.tsx";
import { clockTime } from "../parts/figures.ts";
import { Opened } from "../parts/opened.tsx";
import { Region } from "../parts/region.tsx";
import { Canary } from "../rollout/canary.tsx";
import { Looking } from "./looking.tsx";

/** What guards the configuration: a canary with its verdicts, what waits for a reviewer, a freeze, an audit. */
export const Rollout = ({ state, trainee }: { readonly state: ConsoleState; readonly trainee: Trainee }) => (
  <Region name="Rollout" about="how a change comes in force" command="config canary">
    <Looking subject="rollout" everyMs={1000} read={(options) => trainee.rollout({}, options)}>
      {({ balancer, held }) => (
        <div class="inside stack">
          {balancer === null ? (
            <p class="bad">The balancer does not answer.</p>
          ) : (
            <>
              <Canary canary={balancer.canary} names={namesIn(state)} trainee={trainee} />
              <Review
                held={held}
                proposal={balancer.proposal}
                active={balancer.status.version}
                trainee={trainee}
              />
              <Freeze status={balancer.status} trainee={trainee} />
              <Audit trainee={trainee} />
            </>
          )}
        </div>
      )}
    </Looking>
  </Region>
);

/** Upstreams by their addresses, as far as the pools name them. */
const namesIn = (state: ConsoleState): ReadonlyMap<string, string> =>
  new Map(
    state.status.value?.pools?.flatMap(({ upstreams }) =>
      upstreams.map(({ address, upstream }): [string, string] => [address, upstream]),
    ),
  );

interface ReviewProps {
  readonly held: Guards["held"];
  readonly proposal: NonNullable<Guards["balancer"]>["proposal"];
  readonly active: number;
  readonly trainee: Trainee;
}

/** Changes that wait until a second person has answered: approve or reject, not one's own. */
function Review({ held, proposal, active, trainee }: ReviewProps) {
  const waiting = [
    ...(proposal === null
      ? []
      : [
          {
            id: String(proposal.id),
            what: `proposal ${proposal.id} by ${proposal.by}, over version ${proposal.over}${proposal.stale ? " (stale: another one is active)" : ""}: ${proposal.reason}`,
            differs: () => <ProposalDiff proposal={proposal} trainee={trainee} />,
          },
        ]),
    ...held.map(({ id, author, summary, subjects, since, by, config }) => ({
      id,
      what: `${summary} by ${author} (${subjects.join(", ")}), held by ${by.replace("measure:", "")} since ${clockTime(since)}`,
      differs:
        config &&
        (() => (
          <DiffView label={`${id} against version ${active}`} before={config.before} after={config.after} />
        )),
    })),
  ];
  if (waiting.length === 0) return <p class="soft">Nothing waits for a reviewer.</p>;
  return (
    <ul class="list flush" aria-label="Waiting for a reviewer">
      {waiting.map(({ id, what, differs }) => (
        <li key={id}>
          <span class="mono soft">{id}</span>
          <div class="stack">
            <span>{what}</span>
            {differs && <Opened summary="What differs">{differs}</Opened>}
            <p class="line">
              {(["approve", "reject"] as const).map((verb) => (
                <Action
                  key={verb}
                  title={`npx lblab config ${verb} ${id}`}
                  run={async () => acted(await trainee.act({ do: `config ${verb}`, proposal: id }))}
                >
                  {verb === "approve" ? "Approve" : "Reject"} {id}
                </Action>
              ))}
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}

interface ProposalDiffProps {
  readonly proposal: NonNullable<ReviewProps["proposal"]>;
  readonly trainee: Trainee;
}

/** What a proposal would change of what is in force now. */
const ProposalDiff = ({ proposal: { id, yaml }, trainee }: ProposalDiffProps) => (
  <Looking subject={`proposal ${id}`} read={(options) => trainee.config({}, options)}>
    {(active) => (
      <DiffView label={`proposal ${id} against what is in force`} before={active.yaml} after={yaml} />
    )}
  </Looking>
);

/** Pushes that nobody may make for a while. */
function Freeze({
  status: { frozen },
  trainee,
}: {
  readonly status: NonNullable<Guards["balancer"]>["status"];
  readonly trainee: Trainee;
}) {
  const reason = useSignal("");
  return (
    <p class="line">
      {frozen ? (
        <>
          <span>Changes are frozen: {frozen.reason}</span>
          <Action
            title="npx lblab config thaw"
            run={async () => acted(await trainee.act({ do: "config thaw" }))}
          >
            Thaw
          </Action>
        </>
      ) : (
        <>
          <label>
            Changes are open; freeze because{" "}
            <input value={reason.value} onInput={(e) => void (reason.value = e.currentTarget.value)} />
          </label>
          <Action
            title="npx lblab config freeze --reason TEXT"
            disabled={reason.value.trim() === ""}
            run={async () => acted(await trainee.act({ do: "config freeze", reason: reason.value.trim() }))}
          >
            Freeze
          </Action>
        </>
      )}
    </p>
  );
}

/** Whether what runs is what was reviewed, when somebody asks. */
function Audit({ trainee }: { readonly trainee: Trainee }) {
  const found = useSignal<readonly string[] | undefined>(undefined);
  return (
    <div>
      <Action
        title="npx lblab config audit"
        run={async () => {
          const { drift, findings, fault } = await trainee.audit();
          found.value = [
            ...drift,
            ...(fault === null ? [] : [fault]),
            ...findings.map(({ code, message }) => `${code}: ${message}`),
          ];
          return found.value.length === 0 ? "nothing was found" : `${found.value.length} found`;
        }}
      >
        Audit what runs
      </Action>
      {found.value !== undefined && found.value.length > 0 && (
        <ul>
          {found.value.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
