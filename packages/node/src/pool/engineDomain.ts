import { genesisConfigHash } from "@metis/protocol";
import type { Generation, GenesisConfig, Hash } from "@metis/protocol";
import { concatHex, keccak256, numberToHex, stringToHex } from "viem";

/** keccak256("metis-engine-1" ‖ genesisConfigHash ‖ uint32 generation): no vote counts in another chain or generation. */
export const engineDomain = (genesisConfig: GenesisConfig, generation: Generation): Hash =>
  keccak256(
    concatHex([stringToHex("metis-engine-1"), genesisConfigHash(genesisConfig), numberToHex(generation, { size: 4 })]),
  );
