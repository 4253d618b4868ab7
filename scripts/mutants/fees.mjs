// Guards of fees and refunds whose loss a test must notice: for scripts/contract-mutants.mjs.
import { brokenIn } from "./brokenIn.mjs";

const reserve = "l1/EmissionReserve.sol";
const set = "l2/MetisSequencerSet.sol";

export const fees = [
  ...brokenIn(reserve, "FeeShares", [
    ["fees: rewards take those of other epochs", "(address(this)) - $.feesHeld", "(address(this))"],
    ["fees: what is paid stays held", "$.feesHeld -= fees;", ""],
    ["fees: they go by the rewards' share", "_points(terms.feeProposerShare", "_points(terms.proposerShare"],
    ["fees: data fees stay in the reserve", "if (revenue.l1Fees != 0)"],
  ]),
  ...brokenIn(reserve, "Rewards", [
    ["fees: leaders take them all", '_bound("feeProposerShare", given.feeProposerShare, 1_000, 9_000);', ""],
  ]),
  ...brokenIn(set, "Fees", [["fees: anybody pays in", "if (!known) revert OnlyFeeVaults();", ""]]),
  ...brokenIn(set, "Revenue", [
    ["fees: they count again", "($.feesSeen, $.l1FeesSeen) = (uint128(fees), uint128(l1Fees));", ""],
    ["fees: a report leaves some behind", "value: revenue.fees + revenue.l1Fees", "value: revenue.fees"],
    ["fees: a report empties no vault", "        _emptyVaults();\n", ""],
  ]),
  ...brokenIn("l2/FeeVault.sol", "Revenue", [
    [
      "fees: what a vault has paid is forgotten",
      "return _storage().totalProcessed + address(this).balance;",
      "return address(this).balance;",
    ],
  ]),
  ...brokenIn("l1/PosterVault.sol", "PosterVault", [
    ["posters: a contract is paid back", "msg.sender != tx.origin || ", ""],
    ["posters: code is paid back", " || msg.sender.code.length != 0", ""],
    ["posters: anybody settles", "if (msg.sender != $.emissionReserve)"],
    ["posters: an epoch is settled twice", "if (refunds.settled) revert", "if (false) revert"],
    ["posters: more is granted than is held", "$.token.balanceOf(address(this)) - $.granted", "type(uint128).max"],
    ["posters: what is granted is granted again", "(address(this)) - $.granted", "(address(this))"],
    ["posters: a refund is paid twice", "delete $.owed[epochs[i]][msg.sender];", ""],
    ["posters: what is paid stays granted", "$.granted -= amount;", ""],
    ["posters: who comes late takes from others", "if (refunds.settled) return;", ""],
    ["posters: each gets the whole", "Math.mulDiv(refunds.granted, owed, refunds.owed)", "refunds.granted"],
    ["posters: anybody sets the caps", "if (msg.sender != Ownable(address(_storage().systemConfig)).owner())"],
  ]),
  ...brokenIn("libraries/PostingCost.sol", "PosterVault", [
    ["posters: any tip is paid back", "block.basefee + caps.tipCap", "tx.gasprice"],
    ["posters: any price is paid back", "caps.tipCap, caps.gasPriceCap)", "caps.tipCap, tx.gasprice)"],
    ["posters: more is paid back than was paid", "_least(tx.gasprice,", "_least(caps.gasPriceCap,"],
    [
      "posters: any blob price is paid back",
      "block.blobbasefee < caps.blobPriceCap ? block.blobbasefee : caps.blobPriceCap",
      "block.blobbasefee",
    ],
    ["posters: what is added is paid back", "if (length > msg.data.length) length", "length"],
  ]),
];
