// A sequencer in a process of its own, to be killed. Arguments: options of the node as JSON, log level, milliseconds that its
// clock is ahead.
import { createNode, nodeOptions } from "@metis/node";
import type { NodeConfig } from "@metis/node";
import { createLogger, systemClock } from "@metis/runtime";
import type { Clock } from "@metis/runtime";

const [, , options, level, aheadMs] = process.argv;
const logger = createLogger({ level: level as "info", format: "pretty" });
const system = systemClock();
const clock: Clock = { ...system, now: () => system.now() + Number(aheadMs) };
const node = createNode(nodeOptions(JSON.parse(options!) as Partial<NodeConfig>), { logger, clock });
await node.start();
process.stdout.write(`ready ${node.rpcUrl}\n`);
