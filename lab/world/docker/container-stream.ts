import { StringDecoder } from "node:string_decoder";
import type Docker from "dockerode";
import type { DockerClient } from "./docker-client.ts";

/** A container's standard input and output. */
export interface ContainerStream {
  /** Writes to its standard input; does nothing once it has ended. */
  write(text: string): void;
  /** Resolves when it writes no more, and its last line was reported. */
  readonly ended: Promise<void>;
}

/** Attaches to a container: its standard input, and lines of its standard output and error from now on. */
export async function followContainer(
  { modem }: Pick<DockerClient, "modem">,
  container: Docker.Container,
  line: (text: string) => void,
): Promise<ContainerStream> {
  const stream = await container.attach({
    stream: true,
    hijack: true,
    stdin: true,
    stdout: true,
    stderr: true,
  });
  const out = lineSplitter(line);
  const err = lineSplitter(line);
  // Whatever the process writes is split by the engine into frames of either kind.
  modem.demuxStream(stream, { write: out.take } as never, { write: err.take } as never);
  const ended = new Promise<void>((resolve) => {
    for (const event of ["end", "close", "error"]) stream.once(event, () => resolve());
  });
  return {
    write(text) {
      if (stream.writable) stream.write(text);
    },
    ended: ended.then(() => {
      out.finish();
      err.finish();
    }),
  };
}

/** Runs a command in a container and resolves with what it wrote to its standard output. */
export async function outputOf(
  { modem }: Pick<DockerClient, "modem">,
  container: Docker.Container,
  command: readonly string[],
): Promise<string> {
  const exec = await container.exec({ Cmd: [...command], AttachStdout: true, AttachStderr: false });
  const stream = await exec.start({});
  const chunks: string[] = [];
  modem.demuxStream(
    stream,
    { write: (chunk: Buffer) => chunks.push(chunk.toString("utf8")) } as never,
    { write: () => {} } as never,
  );
  await new Promise<void>((resolve, reject) => {
    stream.once("end", () => resolve());
    stream.once("error", reject);
  });
  return chunks.join("");
}

/** Joins chunks into lines, wherever they were cut. */
export function lineSplitter(line: (text: string) => void) {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return {
    take(chunk: Buffer): void {
      const lines = (rest + decoder.write(chunk)).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(line);
    },
    /** Emits the rest: a process's last line may lack its newline. */
    finish(): void {
      const last = rest + decoder.end();
      rest = "";
      if (last !== "") line(last);
    },
  };
}
