// The wires between the processes are this process's: they can be cut everywhere.
import { CuttableLinks } from "./cuttableLinks.ts";
import { partitionSuite } from "./partitionSuite.ts";

partitionSuite("a pool of four processes whose wires are cut", CuttableLinks.open);
