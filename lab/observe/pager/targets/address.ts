import { CodedError } from "../../../../runtime/errors.ts";
import { Secret } from "../../../../runtime/secret.ts";

/** Where to post. The path, the query and the header may hold secrets: only `origin` and `host` may be shown. */
export interface TargetAddress {
  readonly origin: string;
  readonly host: string;
  /** Path and query. */
  readonly path: Secret;
  /** The `Authorization` header, where the URL had a user or a password. */
  readonly authorization: Secret | undefined;
}

/** Throws CodedError CONFIG_INVALID for anything but an http or https URL, without quoting it. */
export function targetAddress(target: string, secret: Secret): TargetAddress {
  const text = secret.reveal();
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:")
    throw new CodedError("CONFIG_INVALID", `the pager's ${target} target needs an http or https URL`);
  const { username, password, origin, host, pathname, search } = url;
  const pair = `${readable(username)}:${readable(password)}`;
  return {
    origin,
    host,
    path: new Secret(pathname + search),
    authorization:
      pair === ":" ? undefined : new Secret(`Basic ${Buffer.from(pair, "utf8").toString("base64")}`),
  };
}

/** Decoded where it can be: a percent sign in a URL may begin no escape. */
function readable(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
