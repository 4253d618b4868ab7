import type { Hash } from "@metis/protocol";
import type { Hex } from "viem";
import { RewardCourier } from "../rewards/courier.ts";
import { L2Payer } from "../rewards/l2Payer.ts";
import { EpochReports } from "../rewards/reports.ts";
import type { NodeBase } from "./base.ts";
import type { Seat } from "./seat.ts";
import type { Sequencing } from "./sequencing.ts";

/** Wires what brings epochs' rewards about. `submit` takes this node's own transactions. */
export function wireRewards(
  base: NodeBase,
  { signer }: Seat,
  { payer, manager }: Pick<Sequencing, "payer" | "manager">,
  submit: (raw: Hex) => Promise<Hash>,
): RewardCourier {
  const { options, deployment, mvm, epochSets, chain, heads, l1, watcher, clock, metrics } = base;
  const { chainConfig: config, genesisConfig, contracts } = deployment;
  const { reader } = mvm;
  return new RewardCourier({
    addresses: { ...genesisConfig, ...contracts },
    self: signer.address,
    sets: epochSets,
    reports: new EpochReports({ config, reader }),
    reader,
    heads,
    chain,
    l1,
    watcher,
    manager,
    payer: new L2Payer({
      reader,
      chainId: config.l2ChainId,
      privateKey: payer,
      tip: options["eth.suggestedTip"],
      submit,
    }),
    clock,
    logger: base.logger.child({ service: "rewards" }),
    metrics,
    intervalMs: options["proposer.intervalMs"],
  });
}
