// Each process in a network namespace of its own: packets between the parts are lost, nothing tells either end.
import { Namespaces } from "./namespaces.ts";
import { partitionSuite } from "./partitionSuite.ts";

const refusal = Namespaces.refusal();
const why = refusal && `no network namespaces here: ${refusal}`;
partitionSuite("a pool of four processes in namespaces whose network is cut", Namespaces.open, why);
