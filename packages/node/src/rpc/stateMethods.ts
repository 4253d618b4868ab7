import type { BlockId, CallRequest } from "@metis/mvm";
import { executing, method, param, RpcError, rpcCodes, type RpcMethod } from "@metis/runtime";
import type { Blocks } from "./blocks.ts";
import { callOptions, callParam, blockOverridesParam, stateOverridesParam } from "./callRequest.ts";
import type { EthContext } from "./context.ts";
import { quantity, word, type Json } from "./format.ts";
import { blockOrLatest, proofKeyParam, slotParam } from "./params.ts";
import { outputOf, revertError } from "./revert.ts";

const zeroWord = word(0n);
const maxProofKeys = 1024;
const maxStorageReads = 1024;

/** Accounts, storage, proofs and calls. */
export function stateMethods(context: EthContext, blocks: Blocks): Readonly<Record<string, RpcMethod>> {
  const { reader, mempool } = context;

  const transactionCount = async (address: `0x${string}`, id: BlockId, pending: boolean): Promise<bigint> => {
    const inPool = pending ? mempool?.pendingNonce(address) : undefined;
    return inPool ?? (await reader.account(address, id))?.nonce ?? 0n;
  };

  return {
    eth_getBalance: method([param.address, blockOrLatest], async ([address, block]) =>
      quantity((await reader.account(address, await blocks.stateId(block)))?.balance ?? 0n),
    ),
    eth_getCode: method(
      [param.address, blockOrLatest],
      async ([address, block]) => (await reader.code(address, await blocks.stateId(block))) ?? "0x",
    ),
    eth_getTransactionCount: method([param.address, blockOrLatest], async ([address, block]) => {
      const pending = "tag" in block && block.tag === "pending";
      return quantity(await transactionCount(address, await blocks.stateId(block), pending));
    }),
    eth_getStorageAt: method(
      [param.address, slotParam, blockOrLatest],
      async ([address, slot, block]) => (await reader.storage(address, slot, await blocks.stateId(block))) ?? zeroWord,
    ),
    eth_getStorageValues: method(
      [param.record(param.address, param.list(slotParam, maxStorageReads), maxStorageReads), blockOrLatest],
      async ([wanted, block]) => {
        const id = await blocks.stateId(block);
        const slots = [...wanted.values()].reduce((sum, list) => sum + list.length, 0);
        if (slots === 0) throw new RpcError(rpcCodes.invalidParams, "empty request");
        if (slots > maxStorageReads)
          throw new RpcError(rpcCodes.invalidParams, `too many slots: ${slots}, at most ${maxStorageReads} allowed`);
        const result: Record<string, Json> = {};
        for (const [address, list] of wanted)
          result[address] = await Promise.all(
            list.map(async (slot) => (await reader.storage(address, slot, id)) ?? zeroWord),
          );
        return result;
      },
    ),
    ...executing({ ...proofMethods(context, blocks), ...callMethods(context, blocks) }),
  };
}

function proofMethods({ reader }: EthContext, blocks: Blocks): Readonly<Record<string, RpcMethod>> {
  return {
    eth_getProof: method(
      [param.address, param.list(proofKeyParam, maxProofKeys), blockOrLatest],
      async ([address, keys, block]) => {
        const proof = await reader.proof(
          address,
          keys.map(({ slot }) => slot),
          await blocks.stateId(block),
        );
        if (!proof) throw new RpcError(rpcCodes.serverError, "header not found");
        return {
          address: proof.address,
          accountProof: proof.accountProof,
          balance: quantity(proof.balance),
          codeHash: proof.codeHash,
          nonce: quantity(proof.nonce),
          storageHash: proof.storageRoot,
          storageProof: proof.storageProof.map((entry, index) => ({
            key: keys[index]?.shown ?? entry.key,
            value: quantity(entry.value),
            proof: entry.proof,
          })),
        };
      },
    ),
  };
}

function callMethods(context: EthContext, blocks: Blocks): Readonly<Record<string, RpcMethod>> {
  const { reader, options } = context;
  const cap = options["eth.gasCap"];
  const capped = (request: CallRequest): CallRequest =>
    request.gas === undefined || request.gas <= cap ? request : { ...request, gas: cap };
  return {
    eth_call: method(
      [callParam, blockOrLatest, stateOverridesParam, blockOverridesParam],
      async ([request, block, state, header]) => {
        const id = await blocks.stateId(block);
        const withGas = { ...request, gas: request.gas !== undefined && request.gas < cap ? request.gas : cap };
        return outputOf(await reader.call(withGas, id, callOptions(state, header)));
      },
    ),
    eth_estimateGas: method(
      [callParam, blockOrLatest, stateOverridesParam, blockOverridesParam],
      async ([request, block, state, header]) => {
        const id = await blocks.stateId(block);
        const result = await reader.estimateGas(capped(request), id, callOptions(state, header));
        if (result.status === "success") return quantity(result.gas);
        if (result.status === "revert") throw revertError(result.output);
        const outOfGas = /out.?of.?gas/i.test(result.reason);
        const allowance = request.gas ?? cap;
        throw new RpcError(
          rpcCodes.serverError,
          outOfGas ? `gas required exceeds allowance (${allowance})` : result.reason,
        );
      },
    ),
    eth_createAccessList: method([callParam, blockOrLatest], async ([request, block]) => {
      const { accessList, gasUsed, error } = await reader.createAccessList(
        capped(request),
        await blocks.stateId(block),
      );
      return { accessList, gasUsed: quantity(gasUsed), ...(error === undefined ? {} : { error }) };
    }),
  };
}
