/** Reads a body until what has come contains all of these, or it ends; then leaves. */
export async function readUntil(response: Response, ...wanted: readonly string[]): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return "";
  const decoder = new TextDecoder();
  let text = "";
  while (!wanted.every((part) => text.includes(part))) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text;
}
