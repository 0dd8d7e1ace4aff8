import type { VisitRequest } from "../../../lab/world/visit.ts";

interface Fields {
  readonly method: VisitRequest["method"];
  readonly path: string;
  readonly user: string;
  readonly cookie: string;
  readonly body: string;
}

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
