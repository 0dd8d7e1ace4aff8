export const PICTURE_WIDTH = 520;
/** The height of each server's row, and where the balancer is. */
export const SERVERS = [24, 62, 100, 138, 176] as const;
export const BALANCER = { x: 160, y: 76, width: 90, height: 48 } as const;

/** Users, a balancer, five servers with equal shares: how it looks when all is well. */
export const StillPicture = () => (
  <svg class="still" viewBox="0 0 520 200" aria-hidden="true">
    <path class="edge wide" d="M60 100H160" />
    <rect class="box" x="160" y="76" width="90" height="48" rx="4" />
    <text x="205" y="104" text-anchor="middle">
      balancer
    </text>
    <text x="0" y="104">
      users
    </text>
    {SERVERS.map((y, i) => (
      <g key={y}>
        <path class="edge" d={`M250 100C320 100 320 ${y} 390 ${y}`} />
        <circle class="dot" cx={300 + i * 14} cy={100 + ((y - 100) * (0.28 + i * 0.1)) / 1} r="3" />
        <text x="398" y={y + 4}>
          web-{i + 1}
        </text>
        <rect class="taken" x="450" y={y - 5} width="40" height="10" rx="2" />
      </g>
    ))}
  </svg>
);
