import { CodedError } from "../../../../runtime/errors.ts";

/** Where to post. The URL and the header may hold secrets: only `host` is for people. */
export interface TargetAddress {
  /** Without user and password. */
  readonly url: string;
  readonly host: string;
  /** Who we are, where the URL said so. */
  readonly authorization: string | undefined;
}

/** Throws CodedError CONFIG_INVALID for what is no http or https URL, without repeating it. */
export function targetAddress(target: string, text: string): TargetAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:")
    throw new CodedError("CONFIG_INVALID", `the pager's ${target} target needs an http or https URL`);
  const { username, password, host } = url;
  url.username = "";
  url.password = "";
  url.hash = "";
  const pair = `${readable(username)}:${readable(password)}`;
  return {
    url: url.href,
    host,
    authorization: pair === ":" ? undefined : `Basic ${Buffer.from(pair, "utf8").toString("base64")}`,
  };
}

/** A URL may hold a percent sign that begins nothing. */
function readable(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
