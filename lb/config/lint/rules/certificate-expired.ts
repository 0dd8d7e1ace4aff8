import type { Rule } from "../rule.ts";

export const rule: Rule = {
  code: "CERTIFICATE_EXPIRED",
  severity: "error",
  title: "A certificate that has expired",
  page: `Clients that check certificates refuse to connect: for them the service is down, while everything here looks healthy.

Put a new certificate in place of the file, and apply the configuration again or send SIGHUP: the files are read anew.`,
  find: ({ certificates, now }) =>
    certificates.flatMap(({ path, expiresAt }) =>
      expiresAt > now ? [] : [{ path, message: `has expired on ${new Date(expiresAt).toISOString()}` }],
    ),
};
