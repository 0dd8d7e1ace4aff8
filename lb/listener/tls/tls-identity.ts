import type { SecureContext } from "node:tls";
import type { Path } from "../../../runtime/yaml/fault.ts";
import { readCertificate, type Certificate } from "./certificate.ts";
import type { TlsOptions } from "../../config/tls-options.ts";

/** The certificates of a TLS listener. */
export interface TlsIdentity {
  readonly minVersion: TlsOptions["minVersion"];
  /** Served to clients that name no host, or one that none of the others is for. */
  readonly main: Certificate;
  /** By the name that a client asks for (RFC 6066, section 3). */
  contextFor(name: string): SecureContext;
  readonly certificates: readonly Certificate[];
  /** Epoch milliseconds at which the first of them expires. */
  readonly expiresAt: number;
}

/** Reads all files of a listener's `tls` setting at `path`. Throws UnmetNeed at the file that is at fault. */
export function readTlsIdentity(options: TlsOptions, directory: string, path: Path): TlsIdentity {
  const { minVersion } = options;
  const main = readCertificate(options, minVersion, directory, path);
  const others = options.others.map((files, index) =>
    readCertificate(files, minVersion, directory, [...path, "others", index]),
  );
  const certificates = [main, ...others];
  return {
    minVersion,
    main,
    contextFor: (name) => (certificates.find(({ holds }) => holds(name)) ?? main).context,
    certificates,
    expiresAt: Math.min(...certificates.map(({ expiresAt }) => expiresAt)),
  };
}
