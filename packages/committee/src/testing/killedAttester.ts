// A process that dies by SIGKILL after the protection record is written and before the key is used.
import { signingDomain } from "@metis/protocol";
import { modelGenesis } from "@metis/protocol/testing";
import { openLmdbStore } from "@metis/runtime";
import { zeroHash } from "viem";
import type { Hex } from "viem";
import { Attester } from "../attester.ts";
import { ProtectionStore } from "../protection/store.ts";
import { localSigner } from "../signer.ts";

const [, , folder, key] = process.argv;
const { address } = localSigner(key as Hex);
const domain = signingDomain(modelGenesis);
const protection = new ProtectionStore(openLmdbStore({ path: folder! }), address);
const dying = {
  address,
  sign(): Promise<Hex> {
    process.kill(process.pid, "SIGKILL");
    return new Promise<Hex>(() => undefined);
  },
};
await new Attester(dying, protection, domain).attest({
  generation: 0,
  epoch: 0n,
  number: 1n,
  blockHash: zeroHash,
  outputRoot: zeroHash,
  anchorNumber: 3n,
  anchorHash: zeroHash,
});
