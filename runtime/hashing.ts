/** SHA-256 (FIPS 180-4) of texts, as UTF-8, and of bytes. Digests are hexadecimal. */
export interface Hashing {
  digest(data: string | Uint8Array): string;
  begin(): RunningHash;
}

/** A hash that takes its data piece by piece. */
export interface RunningHash {
  update(data: string | Uint8Array): void;
  /** The digest of all data so far; more may follow. */
  digest(): string;
}
