import { MeshChannel } from "@metis/committee";
import { signingDomain } from "@metis/protocol";
import type { Hash } from "@metis/protocol";
import type { Address, Hex } from "viem";
import type { Mempool } from "../mempool/api.ts";
import { ReceiptDesk } from "../receipts/desk.ts";
import { ReceiptIssuer } from "../receipts/issuer.ts";
import { ReceiptOrder } from "../receipts/order.ts";
import { ReceiptStore } from "../receipts/store.ts";
import type { NodeBase } from "./base.ts";
import type { Seat } from "./seat.ts";

/** What this seat promised, and the order that follows from it. */
export interface Receipting {
  readonly store: ReceiptStore;
  readonly order: ReceiptOrder;
}

export function wireReceipts(
  { store: nodeStore, mvm, heads, status, metrics }: NodeBase,
  { signer }: Seat,
  mempool: Mempool,
): Receipting {
  const store = new ReceiptStore(nodeStore, signer.address);
  const order = new ReceiptOrder({
    self: signer.address,
    store,
    reader: mvm.reader,
    mempool,
    generation: () => status.generation,
    finalized: () => heads.heads().finalized.number,
  });
  metrics.observed("receipts_kept", "Receipts of this seat that L1 is not final over", () => store.count);
  return { store, order };
}

/** Where users get receipts. `submit` takes a transaction of a user: into the pool, and to the members. */
export function wireReceiptDesk(
  base: NodeBase,
  { signer, mesh, monitor }: Seat,
  { store, order }: Receipting,
  mempool: Mempool,
  submit: (raw: Hex) => Promise<Hash>,
): ReceiptDesk {
  const { deployment, mvm, status, epochSets, clock, metrics } = base;
  const domain = signingDomain(deployment.genesisConfig);
  const self = signer.address;
  const leader = (): Address | undefined => (mesh ? monitor.engine?.proposer : self);
  const leads = (): boolean => leader() === self && status.state().may && monitor.halted === undefined;
  return new ReceiptDesk({
    self,
    domain,
    issuer: new ReceiptIssuer({ signer, domain, order, store, mempool, reader: mvm.reader, leads }),
    submit,
    add: (raw) => mempool.add(raw),
    mesh: mesh?.channels.channel(MeshChannel.receipts),
    leader,
    isConnected: (member) => monitor.isConnected(member),
    isMember: (address) => epochSets.isMember(address),
    generation: () => status.generation,
    clock,
    logger: base.logger.child({ service: "receipts" }),
    metrics,
  });
}
