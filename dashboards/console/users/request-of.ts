import type { VisitRequest } from "../../../lab/world/visit.ts";

interface Fields {
  readonly method: VisitRequest["method"];
  readonly path: string;
  readonly user: string;
  readonly cookie: string;
  readonly body: string;
}

/** The request as a command; `listener` is HOST:PORT. */
export function curlOf({ method, path, cookie, body }: VisitRequest, listener: string): string {
  return [
    "curl -i",
    ...(method === (body === undefined ? "GET" : "POST") ? [] : [methodOption(method)]),
    ...(cookie === undefined ? [] : [`-H ${shellWord(`Cookie: ${cookie}`)}`]),
    ...(body === undefined ? [] : [`--data-raw ${shellWord(body)}`]),
    shellWord(`http://${listener}${path}`),
  ].join(" ");
}

/** For a HEAD, curl must know that no body comes. */
const methodOption = (method: VisitRequest["method"]): string => (method === "HEAD" ? "-I" : `-X ${method}`);

/** As one word of a shell, whatever is in it. */
const shellWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A request as its form has it: what is left empty is not sent, and a user is known by their cookie. */
export function requestOf({ method, path, user, cookie, body }: Fields): VisitRequest {
  const cookies = [
    ...(user.trim() === "" ? [] : [`user=${user.trim()}`]),
    ...(cookie === "" ? [] : [cookie]),
  ];
  return {
    method,
    path: path.startsWith("/") ? path : `/${path}`,
    ...(cookies.length === 0 ? {} : { cookie: cookies.join("; ") }),
    ...(body === "" ? {} : { body }),
  };
}
