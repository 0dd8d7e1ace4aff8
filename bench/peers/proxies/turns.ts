/** The port to listen on and the upstreams' ports taken in turn, from the command line. */
export function turnsOf([port, ...upstreams]: readonly string[]): {
  readonly port: number;
  nextPort(): number;
} {
  const ports = upstreams.map(Number);
  let turn = 0;
  return { port: Number(port), nextPort: () => ports[(turn = (turn + 1) % ports.length)] ?? 0 };
}
