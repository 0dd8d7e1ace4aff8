import { messageText } from "./message-text.ts";
import type { TargetFormat } from "./target.ts";

/** A message to a channel by an incoming webhook of Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export const slack: TargetFormat = (notification) => {
  const { title, lines } = messageText(notification);
  const text = [`*${escaped(title)}*`, ...lines.map(escaped)].join("\n");
  return { headers: { "content-type": "application/json" }, body: JSON.stringify({ text }) };
};

/** What Slack would read as a link or a call to everybody stays text. */
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
