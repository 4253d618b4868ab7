// Guards of the emergency handover whose loss a test must notice: for scripts/contract-mutants.mjs.
import { brokenIn } from "./brokenIn.mjs";

const rescue = "l1/EmergencyHandover.sol";
const rescueState = "l1/EmergencyHandoverState.sol";

export const handover = [
  ...brokenIn(rescueState, "Handover", [
    ["a handover comes while enough are there", "if (present * 3 > total * 2)"],
    ["a handover comes before the silent have decayed", "if (present * 3 <= counted * 2)"],
    ["one seat takes over", "if (presence.seats < $.parameters.minSeats)"],
    ["any members are judged", "if (given != expected) revert WrongSet", "if (false) revert WrongSet"],
    ["a batch leaves an announcement standing", "&& given.certifiedAt == $.inbox.certifiedAt()", ""],
    ["a frozen set ends no handover", "frozen > last.frozenSets &&", "false &&"],
    [
      "the silent are not jailed",
      "punish(seqId, Offence.Silence, 0, 0, true",
      "punish(seqId, Offence.Silence, 0, 0, false",
    ],
  ]),
  ...brokenIn(rescue, "Handover", [["a handover does not wait for pinWindow", "if (block.timestamp < readyAt)"]]),
  ...brokenIn("l1/BatchInbox.sol", "Handover", [
    ["anyone raises the generation", "if (msg.sender != address($.emergencyHandover))"],
    [
      "an escape counts as a sign of life",
      "$.postedAt = uint64(block.timestamp);",
      "$.postedAt = uint64(block.timestamp); $.certifiedAt = $.postedAt;",
    ],
  ]),
  ...brokenIn(rescue, "Pin", [
    ["a lower block is pinned", "if (attestation.number <= $.pinned.number)"],
    ["a block of another L1 is pinned", "if (anchorHash != attestation.anchorHash)"],
    ["another parent keeps to the pin", "if (_parentHash(header) == bound.blockHash)", "if (true)"],
    ["any header is evidence", "if (keccak256(header) != attestation.blockHash)"],
  ]),
  ...brokenIn(rescueState, "Pin", [
    ["a pin is lost with the next handover", "last.batchCount == $.inbox.batchCount() ? last.pin", "false ? last.pin"],
  ]),
  ...brokenIn(rescueState, "Silence", [
    ["an old heartbeat counts", "|| number + HEARTBEAT_BLOCKS < block.number", ""],
    ["a heartbeat of another L1 counts", "if (known != beat.l1BlockHash)"],
  ]),
  ...brokenIn(rescue, "Silence", [
    ["anybody's heartbeat counts", "if ($.pool.seqSigners(signer) == 0) revert UnknownSigner(signer);\n\n", ""],
    ["who comes back in time is punished", "if (left != 0 && block.timestamp < left + $.parameters.silenceLimit)"],
    ["the silent are punished early", "if (block.timestamp < limitAt)"],
    ["the silent are punished twice", "delete $.leftOutSince[signer];\n        uint256 seqId", "uint256 seqId"],
  ]),
];
