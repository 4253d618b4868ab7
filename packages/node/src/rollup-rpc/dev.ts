import { devnetChainIds } from "@metis/protocol";
import { method, param, RpcError, rpcCodes } from "@metis/runtime";
import type { Param, RpcMethod } from "@metis/runtime";
import { toHex } from "viem";
import type { NodeBase } from "../wiring/base.ts";

/** A number of seconds as Hardhat's tools send it: JSON number or quantity. */
const seconds: Param<number> = param.count;

const hint =
  "this chain is derived from L1: its state and clock cannot be edited. Move time with evm_increaseTime (it moves L1's), money with the faucet";

/** Methods that exist on a devnet alone: both act on L1's clock, since L2's follows it. */
export function devMethods({ deployment, l1, watcher }: NodeBase): Readonly<Record<string, RpcMethod>> {
  const { l1ChainId, l2ChainId } = deployment.chainConfig;
  if (l1ChainId !== devnetChainIds.l1 || l2ChainId !== devnetChainIds.l2) return {};
  const mineL1 = async (): Promise<void> => {
    await l1.request("evm_mine", []);
    watcher.poke();
  };
  const refuse = (): RpcMethod => ({
    run: () => {
      throw new RpcError(rpcCodes.serverError, hint);
    },
  });
  return {
    evm_mine: method([], async () => {
      await mineL1();
      return "0x0";
    }),
    evm_increaseTime: method([seconds], async ([by]) => {
      const head = await l1.block("latest");
      if (head) await l1.request("evm_setNextBlockTimestamp", [toHex(head.timestamp + BigInt(by))]);
      await mineL1();
      return toHex(by);
    }),
    ...Object.fromEntries(
      [
        "evm_snapshot",
        "evm_revert",
        "anvil_setBalance",
        "anvil_setCode",
        "anvil_setStorageAt",
        "hardhat_setBalance",
      ].map((name) => [name, refuse()]),
    ),
  };
}
