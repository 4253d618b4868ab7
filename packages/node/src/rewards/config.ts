import { row } from "@metis/runtime";

/** Options of a seat about the pool's rewards. */
export const rewardsConfig = {
  "rewards.report": row.flag({
    description:
      "In turn with the other seats, reports epochs on L2, proves the reports to L1 and has the rewards paid; the account that pays on L1 needs METIS on L2 for it",
    default: true,
  }),
} as const;
