import { row } from "@metis/runtime";
import { faultOf, parseEndpoint, parsePeer } from "./peers.ts";

/** Options of a seat among others. */
export const poolConfig = {
  "pool.engine": row.choice({
    description: "What decides blocks; auto: solo for a pool of one seat, embedded for more",
    words: ["auto", "solo", "embedded"],
    default: "auto",
  }),
  "pool.listen": row.text({
    description: "host:port where other members reach this seat; port 0 takes a free one",
    default: "127.0.0.1:0",
    check: (value) => faultOf(parseEndpoint, value),
  }),
  "pool.peers": row.list({
    description: "The other members and where they listen: 0xaddress@host:port",
    default: [],
    check: (peers) => peers.map((peer) => faultOf(parsePeer, peer)).find((fault) => fault !== undefined),
  }),
  "pool.handover": row.flag({
    description: "Tell L1 that this seat is there while no batch comes, and take part in an emergency handover",
    default: true,
  }),
} as const;
