import type { Rule } from "../rule.ts";

const DAY_MS = 86_400_000;
/** A third of the validity that automatic issuers give, when they renew. */
const SOON_DAYS = 30;

export const rule: Rule = {
  code: "CERTIFICATE_EXPIRES_SOON",
  severity: "warning",
  title: "A certificate that expires within 30 days",
  page: `Automatic renewal comes at about 30 days before the end: if the certificate is older than that, the renewal probably
does not work.

Renew it, and apply the configuration again or send SIGHUP. Set an alert on
lb_tls_certificate_expiry_timestamp_seconds.`,
  find: ({ certificates, now }) =>
    certificates.flatMap(({ path, expiresAt }) => {
      const days = (expiresAt - now) / DAY_MS;
      if (days <= 0 || days >= SOON_DAYS) return [];
      const message = `expires in ${Math.floor(days)} days, on ${new Date(expiresAt).toISOString()}`;
      return [{ path, message }];
    }),
};
