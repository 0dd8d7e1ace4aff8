import { z } from "zod";

/** A path of a file, absolute or from the configuration file's own directory. */
export const filePath = z.string().regex(/^[^\p{Cc}]+$/u, "must be a file path");

const certificate = z.strictObject({
  cert: filePath.describe("PEM file: the certificate, and behind it those that lead to its issuer"),
  key: filePath.describe("PEM file: the private key of the first certificate, without a password"),
});

/** TLS at a listener. The files are read again with every configuration, also with one that has not changed. */
export const tlsOptions = certificate.extend({
  minVersion: z
    .enum(["TLSv1.2", "TLSv1.3"])
    .default("TLSv1.2")
    .describe("Clients that cannot do this are refused"),
  others: z
    .array(certificate)
    .max(100)
    .default([])
    .describe(
      "Further certificates: the first that is for the name a client sends is served, else the one above",
    ),
});

export type TlsOptions = z.infer<typeof tlsOptions>;
