import { generate } from "selfsigned";

export interface TestCertificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

/** A certificate for these host names, self-signed, valid from now for this long. */
export async function certificateFor(
  names: readonly string[],
  { days = 90, passphrase }: { readonly days?: number; readonly passphrase?: string } = {},
): Promise<TestCertificate> {
  const now = new Date();
  const made = await generate([{ name: "commonName", value: names[0] ?? "test" }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(now.getTime() - 86_400_000),
    notAfterDate: new Date(now.getTime() + days * 86_400_000),
    extensions: [{ name: "subjectAltName", altNames: names.map((value) => ({ type: 2, value })) }],
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  return { cert: made.cert, key: made.private };
}
