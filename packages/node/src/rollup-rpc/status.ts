import { method } from "@metis/runtime";
import type { RpcMethod } from "@metis/runtime";
import type { NodeBase } from "../wiring/base.ts";
import { show } from "./format.ts";

/** Where this node stands. */
export function statusMethods(base: NodeBase): Readonly<Record<string, RpcMethod>> {
  const { heads, watcher, status, chain } = base;
  return {
    rollup_syncStatus: method([], () => {
      const { head, safe, finalized } = watcher.view;
      const state = status.state();
      const last = chain.lastDerived();
      return show({
        l1: { head, safe: safe ?? null, finalized: finalized ?? null },
        ...heads.heads(),
        generation: status.generation,
        batchIndex: last?.header.batchIndex ?? null,
        signing: state.may,
        reason: state.may ? null : state.reason,
        divergence: status.divergence ?? null,
      });
    }),
  };
}
