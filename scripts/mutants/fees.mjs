// Guards of fees and refunds whose loss a test must notice: for scripts/contract-mutants.mjs.
const reserve = "l1/EmissionReserve.sol";
const vault = "l1/PosterVault.sol";
const cost = "libraries/PostingCost.sol";
const set = "l2/MetisSequencerSet.sol";
/** [what is broken, file, text, what it becomes, test files that must notice]. */
export const fees = [
  ["fees: rewards take those of other epochs", reserve, "(address(this)) - $.feesHeld", "(address(this))", "FeeShares"],
  ["fees: what is paid stays held", reserve, "$.feesHeld -= fees;", "", "FeeShares"],
  [
    "fees: they go by the rewards' share",
    reserve,
    "_points(terms.feeProposerShare",
    "_points(terms.proposerShare",
    "FeeShares",
  ],
  ["fees: data fees stay in the reserve", reserve, "if (revenue.l1Fees != 0)", "if (false)", "FeeShares"],
  [
    "fees: leaders take them all",
    reserve,
    '_bound("feeProposerShare", given.feeProposerShare, 1_000, 9_000);',
    "",
    "Rewards",
  ],
  ["fees: anybody pays in", set, "if (!known) revert OnlyFeeVaults();", "", "Fees"],
  ["fees: they count again", set, "($.feesSeen, $.l1FeesSeen) = (uint128(fees), uint128(l1Fees));", "", "Revenue"],
  ["fees: a report leaves some behind", set, "value: revenue.fees + revenue.l1Fees", "value: revenue.fees", "Revenue"],
  ["fees: a report empties no vault", set, "        _emptyVaults();\n", "", "Revenue"],
  [
    "fees: what a vault has paid is forgotten",
    "l2/FeeVault.sol",
    "return _storage().totalProcessed + address(this).balance;",
    "return address(this).balance;",
    "Revenue",
  ],
  ["posters: a contract is paid back", vault, "msg.sender != tx.origin || ", "", "PosterVault"],
  ["posters: code is paid back", vault, " || msg.sender.code.length != 0", "", "PosterVault"],
  ["posters: anybody settles", vault, "if (msg.sender != $.emissionReserve)", "if (false)", "PosterVault"],
  ["posters: an epoch is settled twice", vault, "if (refunds.settled) revert", "if (false) revert", "PosterVault"],
  [
    "posters: more is granted than is held",
    vault,
    "$.token.balanceOf(address(this)) - $.granted",
    "type(uint128).max",
    "PosterVault",
  ],
  ["posters: what is granted is granted again", vault, "(address(this)) - $.granted", "(address(this))", "PosterVault"],
  ["posters: a refund is paid twice", vault, "delete $.owed[epochs[i]][msg.sender];", "", "PosterVault"],
  ["posters: what is paid stays granted", vault, "$.granted -= amount;", "", "PosterVault"],
  ["posters: who comes late takes from others", vault, "if (refunds.settled) return;", "", "PosterVault"],
  [
    "posters: each gets the whole",
    vault,
    "Math.mulDiv(refunds.granted, owed, refunds.owed)",
    "refunds.granted",
    "PosterVault",
  ],
  [
    "posters: anybody sets the caps",
    vault,
    "if (msg.sender != Ownable(address(_storage().systemConfig)).owner())",
    "if (false)",
    "PosterVault",
  ],
  ["posters: any tip is paid back", cost, "block.basefee + caps.tipCap", "tx.gasprice", "PosterVault"],
  [
    "posters: any price is paid back",
    cost,
    "caps.tipCap, caps.gasPriceCap)",
    "caps.tipCap, tx.gasprice)",
    "PosterVault",
  ],
  ["posters: more is paid back than was paid", cost, "_least(tx.gasprice,", "_least(caps.gasPriceCap,", "PosterVault"],
  [
    "posters: any blob price is paid back",
    cost,
    "block.blobbasefee < caps.blobPriceCap ? block.blobbasefee : caps.blobPriceCap",
    "block.blobbasefee",
    "PosterVault",
  ],
  ["posters: what is added is paid back", cost, "if (length > msg.data.length) length", "length", "PosterVault"],
];
