import { setSequencerMetadata } from "@metis/client";
import type { Io } from "../io.ts";
import { done, openChange, tell, type SeatFlags } from "./change.ts";

export interface MetadataFlags extends SeatFlags {
  readonly name: string;
  readonly desc?: string;
  readonly url?: string;
  readonly avatar?: string;
  readonly media?: string;
}

/** `metis stake metadata`. */
export async function runMetadata(flags: MetadataFlags, io: Io): Promise<void> {
  const { network, account, seatId } = await openChange(flags, io);
  const { l1, contracts } = network;
  const { name, desc = "", url = "", avatar = "", media = "" } = flags;
  const metadata = { name, desc, url, avatar, media };
  const { transactionHash } = await done(network, () =>
    setSequencerMetadata(l1, { account, contracts, seatId, metadata }),
  );
  tell(io, { seatId, metadata, l1Transaction: transactionHash }, () => [
    `seat ${seatId} is shown as ${name} now: ${transactionHash}`,
  ]);
}
