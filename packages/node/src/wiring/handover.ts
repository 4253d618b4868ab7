import { signingDomain } from "@metis/protocol";
import type { ChainWriter } from "../derivation/chainWriter.ts";
import type { TransactionManager } from "../l1/transactions/manager.ts";
import { HandoverFollower } from "../pool/handover/follower.ts";
import { HandoverKeeper } from "../pool/handover/keeper.ts";
import type { NodeBase } from "./base.ts";
import type { Seat } from "./seat.ts";

/** What takes over the generations that emergency handovers begin, whatever the node's role. */
export function wireHandovers(base: NodeBase, writer: ChainWriter): HandoverFollower {
  const { mvm, chain, heads, status, watcher, epochSets: sets, deployment } = base;
  const { chainConfig: config } = deployment;
  const logger = base.logger.child({ service: "handover" });
  return new HandoverFollower({ config, sets, watcher, reader: mvm.reader, writer, chain, heads, status, logger });
}

/** A seat's part in a handover; nothing where it is switched off, and in a pool of one, which nobody is left to take over from. */
export function wireKeeper(
  base: NodeBase,
  { signer, mesh, monitor }: Seat,
  manager: TransactionManager,
): HandoverKeeper | undefined {
  if (!mesh || !base.options["pool.handover"]) return undefined;
  const { chain, heads, status, l1, watcher, epochSets: sets, clock, deployment } = base;
  const { chainConfig: config, genesisConfig, contracts } = deployment;
  const keeper = new HandoverKeeper({
    config,
    contract: contracts.emergencyHandover,
    domain: signingDomain(genesisConfig),
    signer,
    sets,
    connected: () => mesh.connected,
    l1,
    watcher,
    chain,
    heads,
    generation: () => status.generation,
    manager,
    clock,
    logger: base.logger.child({ service: "handover" }),
  });
  monitor.watchSilence(() => keeper.status);
  return keeper;
}
