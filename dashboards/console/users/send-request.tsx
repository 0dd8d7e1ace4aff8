import { useSignal, type Signal } from "@preact/signals";
import type { Answer } from "../../../lab/world/answer.ts";
import { VISIT_METHODS } from "../../../lab/world/visit.ts";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import { Action } from "../parts/action.tsx";
import { curlOf, requestOf } from "./request-of.ts";

interface SendRequestProps {
  readonly trainee: Trainee;
  /** The public address, HOST:PORT. */
  readonly listener: string;
}

/** A request to the public address, as any user sends it, and the whole of what came back. */
export function SendRequest({ trainee, listener }: SendRequestProps) {
  const method = useSignal<(typeof VISIT_METHODS)[number]>("GET");
  const path = useSignal("/");
  const user = useSignal("");
  const cookie = useSignal("");
  const body = useSignal("");
  const answer = useSignal<Answer | undefined>(undefined);
  const field = (label: string, text: Signal<string>, hint?: string) => (
    <label>
      {label}
      <input
        value={text.value}
        placeholder={hint}
        onInput={(e) => void (text.value = e.currentTarget.value)}
      />
    </label>
  );
  const request = requestOf({
    method: method.value,
    path: path.value,
    user: user.value,
    cookie: cookie.value,
    body: body.value,
  });
  async function send(): Promise<void> {
    answer.value = undefined;
    answer.value = await trainee.visit(request);
  }
  return (
    <details class="send" open>
      <summary>Send a request</summary>
      <form onSubmit={(event) => event.preventDefault()}>
        <label>
          method
          <select
            value={method.value}
            onChange={(e) => void (method.value = e.currentTarget.value as typeof method.value)}
          >
            {VISIT_METHODS.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        {field("path", path)}
        {field("as user", user, "guest-17")}
        {field("cookie", cookie, "session=…")}
        {field("body", body)}
        <Action title={curlOf(request, listener)} run={send}>
          Send a request
        </Action>
      </form>
      <div aria-live="polite">{answer.value && <Answered answer={answer.value} />}</div>
    </details>
  );
}

/** Whatever came is text: a server may send anything. */
const Answered = ({ answer: { status, server, flag, error, headers, body } }: { readonly answer: Answer }) =>
  status === undefined ? (
    <p class="bad">◆ no answer: {error ?? "nobody knows why"}</p>
  ) : (
    <>
      <p>
        <b class={status >= 500 ? "bad" : undefined}>
          {status >= 500 && "◆ "}
          {status}
        </b>
        {server !== undefined && ` from ${server}`}
        {flag !== undefined && `, flag ${flag}`}
      </p>
      <pre tabIndex={0} aria-label="Headers and body of the answer">
        {(headers ?? []).map(([name, value]) => `${name}: ${value}\n`).join("")}
        {"\n"}
        {body ?? ""}
      </pre>
    </>
  );
