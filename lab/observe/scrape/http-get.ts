/** More than any exposition of ours; a target that never stops talking must not take the memory. */
const MAX_BYTES = 16 * 1024 * 1024;

/** A target's text exposition over HTTP. Rejects when it does not answer with one. */
export async function httpGet(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, {
    headers: { accept: "text/plain;version=0.0.4", "user-agent": "lblab-evaluator" },
    redirect: "error",
    signal,
  }).catch((error: unknown) => {
    // fetch only says that it failed; why is in the cause.
    throw error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
  });
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw new Error(`server returned HTTP status ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
