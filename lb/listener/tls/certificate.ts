import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createSecureContext, type SecureContext } from "node:tls";
import { messageOf } from "../../../runtime/errors.ts";
import type { Path } from "../../../runtime/yaml/fault.ts";
import type { TlsOptions } from "../../config/tls-options.ts";
import { UnmetNeed } from "../../config/unmet-need.ts";

/** A certificate with its key, read and proved to belong together. */
export interface Certificate {
  readonly context: SecureContext;
  /** PEM, as node's TLS server wants its first one. */
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Whether it was made out for this host name. */
  holds(name: string): boolean;
  /** Epoch milliseconds of the first moment at which it, or one of those behind it, is no longer valid. */
  readonly expiresAt: number;
  /** Where the configuration names its file. */
  readonly path: Path;
}

interface Files {
  readonly cert: string;
  readonly key: string;
}

/** Reads the two files; relative names begin at `directory`. Throws UnmetNeed at the file that is at fault. */
export function readCertificate(
  files: Files,
  minVersion: TlsOptions["minVersion"],
  directory: string,
  path: Path,
): Certificate {
  const [certPath, keyPath]: [Path, Path] = [
    [...path, "cert"],
    [...path, "key"],
  ];
  const cert = contents(resolve(directory, files.cert), certPath);
  const key = contents(resolve(directory, files.key), keyPath);
  const [first, ...behind] = chainOf(cert, certPath);
  if (!first.checkPrivateKey(keyOf(key, keyPath)))
    throw new UnmetNeed("CONFIG_INVALID", keyPath, `is not the key of the certificate in ${files.cert}`);
  return {
    context: attempt(certPath, "cannot be used", () => createSecureContext({ cert, key, minVersion })),
    cert,
    key,
    holds: (name) => first.checkHost(name) !== undefined,
    expiresAt: Math.min(...[first, ...behind].map(({ validTo }) => Date.parse(validTo))),
    path: certPath,
  };
}

function contents(file: string, path: Path): Buffer {
  return attempt(path, "cannot be read", () => readFileSync(file));
}

const BLOCK =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

function chainOf(pem: Buffer, path: Path): [X509Certificate, ...X509Certificate[]] {
  const [first, ...behind] = pem.toString("latin1").match(BLOCK) ?? [];
  if (first === undefined)
    throw new UnmetNeed(
      "CONFIG_INVALID",
      path,
      "holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)",
    );
  const parsed = (text: string) =>
    attempt(path, "holds no valid certificate", () => new X509Certificate(text));
  return [parsed(first), ...behind.map(parsed)];
}

function keyOf(pem: Buffer, path: Path): KeyObject {
  return attempt(path, "holds no private key that can be used", () => createPrivateKey(pem));
}

function attempt<T>(path: Path, what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new UnmetNeed("CONFIG_INVALID", path, `${what}: ${messageOf(error)}`, error);
  }
}
