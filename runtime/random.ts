import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** A seeded stream of random numbers. The only source of them in the project. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, limit). */
  below(limit: number): number;
  /** Exponentially distributed with this mean, same unit as `mean`. */
  exponential(mean: number): number;
  /** Lognormal with this mean (not median) and shape `sigma`, same unit as `mean`. */
  lognormal(mean: number, sigma: number): number;
  /** A stream of its own under `name`: a new consumer never shifts the draws of another. */
  fork(name: string): Random;
}

export function seeded(seed: number | string): Random {
  const self: Stream = {
    seed,
    generator: xoroshiro128plus(hash32(String(seed))),
    next,
    below,
    exponential,
    lognormal,
    fork,
  };
  return self;
}

interface Stream extends Random {
  readonly seed: number | string;
  readonly generator: RandomGenerator;
}

// Shared functions, not closures: each of thousands of users and servers has a few streams, and draws rarely.
function next(this: Stream): number {
  return uniformFloat64(this.generator);
}

function below(this: Stream, limit: number): number {
  return Math.floor(uniformFloat64(this.generator) * limit);
}

function exponential(this: Stream, mean: number): number {
  return -mean * Math.log(1 - uniformFloat64(this.generator));
}

function lognormal(this: Stream, mean: number, sigma: number): number {
  const { generator } = this;
  // Box-Muller; one of the pair is discarded so that every draw costs the same two numbers.
  const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(generator)));
  const normal = radius * Math.cos(2 * Math.PI * uniformFloat64(generator));
  return mean * Math.exp(sigma * normal - (sigma * sigma) / 2);
}

function fork(this: Stream, name: string): Random {
  return seeded(`${this.seed}/${name}`);
}

/** FNV-1a over UTF-16 units with murmur3's final mix: a well spread unsigned 32-bit hash of a short string. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
