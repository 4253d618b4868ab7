// How long a pool that loses two of its four seats for ever stands still, on the devnet's windows: `npm run bench:handover`.
import { batchInboxAbi, emergencyHandoverAbi } from "@metis/protocol/contracts";
import { ProcessPool } from "../poolProcesses.ts";
import { until } from "../world.ts";

const pool = await ProcessPool.start({ node: { "pool.handover": true } });
try {
  const { contracts } = pool.world.deployment;
  const { client } = pool.world.anvil;
  const l1Time = async (): Promise<bigint> => (await client.getBlock()).timestamp;
  await until("batches are on L1", async () => (await pool.heads(0)).safe > 3n);

  await Promise.all([pool.kill(2), pool.kill(3)]);
  const lost = await l1Time();
  const inbox = { address: contracts.batchInbox, abi: batchInboxAbi } as const;
  await until("the generation rises", async () => {
    const generation = await client.readContract({ ...inbox, functionName: "generation" });
    return generation === 1;
  });
  const rescue = { address: contracts.emergencyHandover, abi: emergencyHandoverAbi } as const;
  const { handedOverAt, pin } = await client.readContract({ ...rescue, functionName: "handoverAt", args: [0n] });
  const base = pin.number > 0n ? pin.number : (await pool.heads(0)).safe;
  await pool.signed(0, base + 1n);
  const next = await l1Time();
  const batches = await client.readContract({ ...inbox, functionName: "batchCount" });
  await until("a batch of the new generation is on L1", async () => {
    const count = await client.readContract({ ...inbox, functionName: "batchCount" });
    return count > batches;
  });
  const report = {
    "seconds of L1 from the loss to the handover": Number(handedOverAt - lost),
    "to the next signed block": Number(next - lost),
    "to the next batch on L1": Number((await l1Time()) - lost),
    "pinned block": Number(pin.number),
  };
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
} finally {
  await pool.stop();
}
