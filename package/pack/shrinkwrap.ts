import { z } from "zod";

/** What packing reads of a package-lock.json. */
export const packageLock = z.looseObject({ packages: z.record(z.string(), z.looseObject({})) });

/** The npm-shrinkwrap.json of a package that brings everything in this lock: nothing of it is to be fetched. */
export function shrinkwrapOf(lock: z.infer<typeof packageLock>): object {
  return {
    ...lock,
    packages: Object.fromEntries(
      Object.entries(lock.packages).map(([path, locked]) => [
        path,
        path === "" ? locked : { ...locked, inBundle: true, hasInstallScript: undefined },
      ]),
    ),
  };
}
