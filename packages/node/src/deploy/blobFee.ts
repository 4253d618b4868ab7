import type { ChainConfig } from "@metis/protocol";

/** EIP-4844 `fake_exponential` with a minimum of 1 wei. */
function fakeExponential(numerator: bigint, denominator: bigint): bigint {
  let output = 0n;
  let term = denominator;
  for (let i = 1n; term > 0n; i++) {
    output += term;
    term = (term * numerator) / (denominator * i);
  }
  return output / denominator;
}

/** Blob base fee in wei of an L1 block, by the chain config's schedule. Throws `RangeError` before its first entry. */
export function blobBaseFee(config: Pick<ChainConfig, "blobSchedule">, l1Timestamp: bigint, excess: bigint): bigint {
  const entry = config.blobSchedule.findLast((candidate) => candidate.l1Timestamp <= l1Timestamp);
  if (entry === undefined) throw new RangeError(`no blob schedule at L1 time ${l1Timestamp}`);
  return fakeExponential(excess, entry.baseFeeUpdateFraction);
}
