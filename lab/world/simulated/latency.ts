/** One way over the loopback and through two kernels' queues. */
export const LATENCY_MS = 0.1;
