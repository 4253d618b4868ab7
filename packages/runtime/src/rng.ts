import { randomFillSync } from "node:crypto";

/** Randomness as the services see it. Injected, so that a run can be repeated from its seed. */
export interface Rng {
  bytes(length: number): Uint8Array;
  /** Uniform integer, `0 <= result < bound`; `bound` at most 2^32. */
  below(bound: number): number;
}

const below = (next: () => number, bound: number): number => {
  if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32)
    throw new RangeError(`bound ${bound} is not in 1..2^32`);
  const limit = 2 ** 32 - (2 ** 32 % bound);
  for (;;) {
    const value = next();
    if (value < limit) return value % bound;
  }
};

/** The operating system's randomness: fit for keys. */
export function systemRng(): Rng {
  const word = new Uint32Array(1);
  return {
    bytes: (length) => randomFillSync(new Uint8Array(length)),
    below: (bound) => below(() => randomFillSync(word)[0] ?? 0, bound),
  };
}

/** Repeatable and not secret: xoshiro128**, seeded through SplitMix32. For simulation and tests. */
export function seededRng(seed: number): Rng {
  const state = new Uint32Array(4);
  let mix = seed >>> 0;
  for (let i = 0; i < 4; i++) {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    state[i] = z ^ (z >>> 15);
  }
  const next = (): number => nextXoshiro(state);
  return {
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
    below: (bound) => below(next, bound),
  };
}

const rotateLeft = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

function nextXoshiro(state: Uint32Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = state;
  const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
  const c1 = c ^ a;
  const d1 = d ^ b;
  state[0] = a ^ d1;
  state[1] = b ^ c1;
  state[2] = c1 ^ (b << 9);
  state[3] = rotateLeft(d1, 11);
  return result;
}
