import type { Host, PackageDefinition } from "./host.ts";

export type Packages = Pick<Host, "packages" | "install" | "uninstall">;

/** The packages of a machine, whose units come and go with them. */
export function createPackages({
  unit: unitNamed,
  add,
  remove,
}: Pick<Host, "unit" | "add" | "remove">): Packages {
  const packages = new Map<string, PackageDefinition>();
  return {
    packages: () =>
      [...packages.values()].map(({ name, version, description, units }) => {
        return { name, version, description, units: units.map((unit) => unit.name) };
      }),
    install(definition) {
      const { name, units: brought } = definition;
      if (packages.has(name)) return { ok: false, message: `${name} is installed already` };
      const names = brought.map((unit) => unit.name);
      const taken = brought.find((unit, i) => unitNamed(unit.name) || names.indexOf(unit.name) !== i);
      if (taken)
        return { ok: false, message: `${name} brings a unit ${taken.name}, and there is one already` };
      packages.set(name, definition);
      for (const unit of brought.map((one) => add({ ...one, owner: name })))
        if (unit.view.enabled) unit.start();
      return { ok: true, message: `installed ${name} ${definition.version}` };
    },
    async uninstall(name) {
      const definition = packages.get(name);
      if (!definition) return { ok: false, message: `there is no package ${name}` };
      packages.delete(name);
      await Promise.all(definition.units.map((unit) => remove(unit.name)));
      return { ok: true, message: `removed ${name} ${definition.version}` };
    },
  };
}
