import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { POOL } from "../../../lab/sandbox/balancer-config.ts";
import { PRESETS } from "../../../lab/sandbox/presets.ts";
import { sandboxSetting, upstreamName } from "../../../lab/sandbox/setting.ts";
import { BALANCER, PICTURE_WIDTH, SERVERS, StillPicture } from "../first/still-picture.tsx";
import { DotCanvas } from "../traffic/dot-canvas.tsx";
import { pathsOf, type Path } from "../traffic/paths.ts";
import { openSandbox } from "./sandbox-state.ts";

const HEALTHY = sandboxSetting.parse({
  seed: 1,
  world: { requestsPerSecond: 25, backends: SERVERS.map(() => ({ serviceMs: 40 })) },
  sides: [{ policy: "least-connections" }],
});
const NO_PATHS: ReadonlyMap<string, Path> = new Map();

/** The still picture with real requests in it: a lab that is well. */
export function HealthyPicture() {
  const [preset] = PRESETS;
  if (!preset) throw new Error("there is no preset");
  const state = useMemo(() => openSandbox({ preset, setting: HEALTHY }), []);
  const frame = useRef<HTMLDivElement>(null);
  const paths = useSignal(NO_PATHS);
  const scale = useSignal(1);
  const [traffic] = state.traffics;
  useEffect(() => () => state.close(), [state]);
  useLayoutEffect(() => {
    if (frame.current) paths.value = pathsAt(frame.current.clientWidth / PICTURE_WIDTH);
  }, []);
  return (
    <div class="moving" ref={frame}>
      <StillPicture />
      {traffic && <DotCanvas traffic={traffic} paths={paths} scale={scale} select={() => {}} />}
    </div>
  );
}

/** The picture's ways, in pixels of the page. */
function pathsAt(size: number): ReadonlyMap<string, Path> {
  const { x, y, width, height } = BALANCER;
  const listener = { x: x * size, y: y * size, width: width * size, height: height * size };
  const lanes = SERVERS.map((at, i) => ({ upstream: upstreamName(i), x: 390 * size, y: at * size }));
  const pools = [{ pool: POOL, queue: lanes[0] ?? listener, lanes, rest: undefined }];
  return pathsOf({ users: listener, listener, pools });
}
