import { predeploys } from "@metis/protocol";
import { gasPriceOracleAbi } from "@metis/protocol/contracts";
import { serializeTransaction, type Address, type Hex } from "viem";
import { getChainId, readContract } from "viem/actions";
import type { ReaderLike } from "../utils/send.ts";

export interface EstimateL1FeeParameters {
  readonly to?: Address | null;
  readonly value?: bigint;
  readonly data?: Hex;
  readonly nonce?: number;
  readonly gas?: bigint;
  readonly maxFeePerGas?: bigint;
  readonly maxPriorityFeePerGas?: bigint;
}
/** METIS wei. */
export type EstimateL1FeeReturnType = bigint;
/** What viem throws when the endpoint does not answer. */
export type EstimateL1FeeErrorType = Error;

/** As long and as hard to compress as a real one. */
const someSignature = {
  r: "0x9f4c2e1b7a60d835e1c09b24f7d3586ac1e47f029b8d6350a4fe12c7389d5b6e",
  s: "0x3b81d7f62c049ae5173fc8e0926bd41f58a7c30e94d2617bf5083ca9e71d264f",
  yParity: 1,
} as const;

/**
 * What a transaction pays for its bytes on L1, beside its gas (docs/spec/execution.md, "L1 data fee").
 *
 * @example
 * const fee = await l2Client.estimateL1Fee({ to: "0x…", value: 1n });
 */
export async function estimateL1Fee(
  client: ReaderLike,
  parameters: EstimateL1FeeParameters,
): Promise<EstimateL1FeeReturnType> {
  const { to, value, data, nonce = 0, gas = 21_000n, maxFeePerGas = 1n, maxPriorityFeePerGas = 1n } = parameters;
  const request = { to: to ?? null, nonce, gas, maxFeePerGas, maxPriorityFeePerGas };
  const bytes = serializeTransaction(
    {
      type: "eip1559",
      chainId: client.chain?.id ?? (await getChainId(client)),
      ...request,
      ...(value !== undefined && { value }),
      ...(data !== undefined && { data }),
    },
    someSignature,
  );
  const oracle = { address: predeploys.gasPriceOracle, abi: gasPriceOracleAbi } as const;
  return readContract(client, { ...oracle, functionName: "getL1Fee", args: [bytes] });
}
