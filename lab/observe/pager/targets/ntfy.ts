import { messageText } from "./message-text.ts";
import type { TargetFormat } from "./target.ts";

/** Longer ones reach the phone as an attachment: https://docs.ntfy.sh/publish/#limitations */
const MAX_BODY_BYTES = 4096;

/** A message to a topic of ntfy: https://docs.ntfy.sh/publish/ */
export const ntfy: TargetFormat = (notification) => {
  const { title, lines, urgent } = messageText(notification);
  const tag =
    notification.status === "resolved"
      ? "white_check_mark"
      : urgent
        ? "rotating_light"
        : "information_source";
  return {
    headers: {
      "content-type": "text/plain; charset=utf-8",
      title: headerText(title),
      priority: urgent ? "urgent" : "low",
      tags: tag,
    },
    body: cut(lines.join("\n")),
  };
};

/** A header holds ASCII only; ntfy reads the rest as mail does (RFC 2047). */
const headerText = (text: string): string =>
  /^[ -~]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text, "utf8").toString("base64")}?=`;

function cut(text: string): string {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length <= MAX_BODY_BYTES) return text;
  // A character cut in two is left out.
  return new TextDecoder().decode(bytes.subarray(0, MAX_BODY_BYTES - 3)).replace(/\uFFFD$/, "");
}
