/** The versions that an If-Match allows (RFC 9110, 13.1.1); undefined when any is right. */
export function versionsAllowed(condition: string | undefined): readonly number[] | undefined {
  if (condition === undefined || condition.trim() === "*") return undefined;
  // A tag in another form, a weak one among them, is nothing that a version is called by: it matches none.
  return condition.split(",").flatMap((tag) => {
    const [, version] = /^\s*"?(\d{1,9})"?\s*$/.exec(tag) ?? [];
    return version === undefined ? [] : [Number(version)];
  });
}
