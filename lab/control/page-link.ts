/** The link that brings the key along: a fragment is sent nowhere. */
export const pageLink = (port: number, token: string): string => `http://127.0.0.1:${port}/#token=${token}`;
