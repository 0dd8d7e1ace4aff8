import { z } from "zod";
import { CodedError, messageOf } from "../../runtime/errors.ts";
import { PACES, type PaceName } from "../../scenarios/scenario.ts";
import { INPUTS } from "../trainee/inputs.ts";
import { OPERATION_NAMES, type OperationName } from "../trainee/routes.ts";
import type { RecordedCall } from "./virtual-session.ts";

/** Of what a link holds; a reader refuses a newer one. */
const HAND_OVER_FORMAT = 1;

/** A virtual drill as it is shared: everything that a replay needs. */
export interface HandOver {
  /** Version of the lab that ran it: only the same one promises the same digest. */
  readonly release: string;
  /** The scenario's alias: a link gives no answer away. */
  readonly alias: string;
  readonly seed: number;
  readonly pace: PaceName;
  readonly timeLimitMs: number | null;
  /** Names of the measures that were on, with their options. */
  readonly measures: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly calls: readonly RecordedCall[];
  /** Steps that had passed when the digest was taken. */
  readonly steps: number;
  readonly digest: string;
}

const call = z
  .tuple([
    z.number().int().min(0),
    z.enum(OPERATION_NAMES as [OperationName]),
    z.record(z.string(), z.unknown()),
  ])
  .transform(([step, name, input]): RecordedCall => ({ step, name, input }));

/** Short, and still readable: keys are there once, calls are tuples. */
const text = z.strictObject({
  format: z.literal(HAND_OVER_FORMAT),
  release: z.string().max(40),
  alias: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/),
  seed: z.number().int().min(0),
  pace: z.enum(PACES),
  timeLimitMs: z.number().positive().nullable(),
  measures: z.record(z.string(), z.record(z.string(), z.string())),
  calls: z.array(call).max(100_000),
  steps: z.number().int().min(0).max(100_000_000),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
});

/** A longer one is a file: links of more than this are cut by the programs that pass them on. */
const MAX_LINK_CHARACTERS = 8000;
/** What a compressed text may unpack to. */
export const MAX_TEXT_BYTES = 16 * 1024 * 1024;

/** The text of a file. */
export function handOverText({ calls, ...rest }: HandOver): string {
  const written = {
    format: HAND_OVER_FORMAT,
    ...rest,
    calls: calls.map(({ step, name, input }) => [step, name, input]),
  };
  return `${JSON.stringify(written)}\n`;
}

/** The fragment of a link, without its hash sign; undefined when it would be too long and has to be a file. */
export async function handOverFragment(handOver: HandOver): Promise<string | undefined> {
  const packed = await through(
    new TextEncoder().encode(handOverText(handOver)),
    new CompressionStream("deflate-raw"),
  );
  const fragment = `drill=${base64url(packed)}`;
  return fragment.length > MAX_LINK_CHARACTERS ? undefined : fragment;
}

/** Reads a link, its fragment, or the text of a file. Throws CodedError USAGE with what is wrong with it. */
export async function readHandOver(given: string): Promise<HandOver> {
  const packed = /(?:^|#|&)drill=([\w-]+)\s*$/.exec(given.trim())?.[1];
  const json = packed === undefined ? given : await unpacked(packed);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw unreadable(
      packed === undefined ? "it is no JSON, and no link of a drill" : "it was cut, or changed on its way",
    );
  }
  const format = (value as { format?: unknown } | null)?.format;
  if (typeof format === "number" && format > HAND_OVER_FORMAT)
    throw unreadable(`it has format ${format}, and this lab reads ${HAND_OVER_FORMAT}: a newer one wrote it`);
  const read = text.safeParse(value);
  if (!read.success) throw unreadable(z.prettifyError(read.error));
  const { format: _format, ...handOver } = read.data;
  return { ...handOver, calls: handOver.calls.map(checkedCall) };
}

/** Checks inputs as the API does: nothing in a link is trusted. */
function checkedCall(recorded: RecordedCall, index: number, all: readonly RecordedCall[]): RecordedCall {
  if (recorded.step < (all[index - 1]?.step ?? 0))
    throw unreadable(`call ${index + 1} comes before the one ahead of it`);
  const input = INPUTS[recorded.name].safeParse(recorded.input);
  if (!input.success)
    throw unreadable(`call ${index + 1} (${recorded.name}) means nothing: ${z.prettifyError(input.error)}`);
  return recorded;
}

const unreadable = (why: string): CodedError =>
  new CodedError("USAGE", `this drill cannot be read: ${why}`, {
    hint: "copy the whole link, or save the drill as a file and pass that",
  });

async function unpacked(packed: string): Promise<string> {
  try {
    const bytes = await through(fromBase64url(packed), new DecompressionStream("deflate-raw"));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw unreadable(`it was cut, or changed on its way (${messageOf(error)})`);
  }
}

/** All of the bytes through a stream that packs or unpacks; more than is allowed ends it. */
async function through(
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  const writer = stream.writable.getWriter();
  const written = writer.write(bytes as Uint8Array<ArrayBuffer>).then(() => writer.close());
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = stream.readable.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      chunks.push(read.value);
      length += read.value.length;
      if (length > MAX_TEXT_BYTES)
        throw new Error(`it unpacks to more than ${MAX_TEXT_BYTES / 1024 / 1024} MB`);
    }
    await written;
  } catch (error) {
    written.catch(() => {});
    await reader.cancel().catch(() => {});
    throw error;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

const base64url = (bytes: Uint8Array): string => {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
};

const fromBase64url = (packed: string): Uint8Array =>
  Uint8Array.from(atob(packed.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
