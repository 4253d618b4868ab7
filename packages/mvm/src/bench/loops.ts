// The compute loops: bytecode that touches no storage but the tracer's scene.
import { readFileSync } from "node:fs";
import type { Hex } from "viem";
import { encodeFunctionData, parseAbi } from "viem/utils";
import { compile } from "./solidity.ts";

/** A call that every engine makes. */
export interface Loop {
  readonly name: string;
  readonly code: Hex;
  readonly calldata: Hex;
  /** The same with a fraction of the work, for an interpreter in JavaScript. */
  readonly short: Hex;
  readonly gas: bigint;
}

const gas = 1_000_000_000n;
const abi = parseAbi([
  "function arithmetic(uint256 n)",
  "function hash(uint256 n)",
  "function sort(uint256 n)",
  "function divide(uint256 n)",
  "function trace(int256 width, int256 height, uint256 samples)",
]);

type Rounds = readonly [name: "arithmetic" | "hash" | "sort" | "divide", rounds: bigint, short: bigint];
/** Each some tens of milliseconds of native revm. */
const rounds: readonly Rounds[] = [
  ["arithmetic", 200_000n, 5_000n],
  ["hash", 150_000n, 5_000n],
  ["sort", 8_000n, 300n],
  ["divide", 100_000n, 3_000n],
];

/** `Benchmark()` of the SnailTracer that other engines are measured with. */
const snailTracerCall: Hex = "0x30627b7c";

/** The loops; with the path of SnailTracer's runtime code in hex, that contract too. */
export function computeLoops(snailTracer: string | undefined): Loop[] {
  const { Loops } = compile("Loops.sol");
  const { PathTracer } = compile("PathTracer.sol");
  const loops = rounds.map(([name, full, part]): Loop => {
    const call = (n: bigint): Hex => encodeFunctionData({ abi, functionName: name, args: [n] });
    return { name, code: Loops!.runtime, calldata: call(full), short: call(part), gas };
  });
  const trace = (width: bigint, height: bigint, samples: bigint): Hex =>
    encodeFunctionData({ abi, functionName: "trace", args: [width, height, samples] });
  const tracer = {
    name: "path tracer",
    code: PathTracer!.runtime,
    calldata: trace(16n, 12n, 2n),
    short: trace(2n, 2n, 1n),
    gas,
  };
  if (snailTracer === undefined) return [...loops, tracer];
  const code: Hex = `0x${readFileSync(snailTracer, "utf8").trim().replace(/^0x/, "")}`;
  return [...loops, tracer, { name: "SnailTracer", code, calldata: snailTracerCall, short: snailTracerCall, gas }];
}
