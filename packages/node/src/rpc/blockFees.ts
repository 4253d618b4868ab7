import type { EthContext } from "./context.ts";
import type { Header } from "./header.ts";

const elasticity = 2n;
const changeDenominator = 8n;

/** Base fee of the block after `header` (EIP-1559); `undefined` before London. */
export function nextBaseFee({ baseFeePerGas, gasLimit, gasUsed }: Header): bigint | undefined {
  if (baseFeePerGas === undefined) return undefined;
  const target = gasLimit / elasticity;
  if (gasUsed === target) return baseFeePerGas;
  const distance = gasUsed > target ? gasUsed - target : target - gasUsed;
  const change = (baseFeePerGas * distance) / target / changeDenominator;
  return gasUsed > target ? baseFeePerGas + (change > 0n ? change : 1n) : baseFeePerGas - change;
}

export const gasPerBlob = 131_072;

/** Blob parameters in force; Prague's before a schedule's first entry, and on L2, where no block has blobs. */
export function blobParametersAt(
  timestamp: bigint,
  schedule: EthContext["schedule"],
): { readonly updateFraction: bigint; readonly max: number } {
  const entry = schedule?.blobs.findLast((row) => row.timestamp <= timestamp);
  return entry ?? { updateFraction: 5_007_716n, max: 9 };
}

/** Wei a blob gas in the block of `header` (EIP-4844 `fake_exponential` with factor 1); 0 before Cancun. */
export function blobGasPrice(header: Header, schedule: EthContext["schedule"]): bigint {
  const { excessBlobGas } = header;
  if (excessBlobGas === undefined) return 0n;
  const { updateFraction } = blobParametersAt(header.timestamp, schedule);
  let output = 0n;
  let term = updateFraction;
  for (let i = 1n; term > 0n; i++) {
    output += term;
    term = (term * excessBlobGas) / (updateFraction * i);
  }
  return output / updateFraction;
}
