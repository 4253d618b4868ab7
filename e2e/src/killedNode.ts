// A sequencer in a process of its own, to be killed. Arguments: options of the node as JSON, file of the deployment.
import { createNode, nodeOptions } from "@metis/node";
import type { NodeConfig } from "@metis/node";
import { createLogger } from "@metis/runtime";

const [, , options, level] = process.argv;
const logger = createLogger({ level: (level ?? "silent") as "info", format: "pretty" });
const node = createNode(nodeOptions(JSON.parse(options!) as Partial<NodeConfig>), { logger });
await node.start();
process.stdout.write(`ready ${node.rpcUrl}\n`);
