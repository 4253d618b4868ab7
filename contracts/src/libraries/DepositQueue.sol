// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IPortal} from "../interfaces/IPortal.sol";
import {Deposit, DepositHash} from "../types/Deposit.sol";

/// @title DepositQueue
/// @notice Append-only chain of deposit hashes, with the L1 block of each.
library DepositQueue {
    struct Stamp {
        uint64 blockNumber;
        uint64 timestamp;
    }

    struct Queue {
        uint64 count;
        /// hash after the first n deposits
        mapping(uint64 count => bytes32) hashes;
        mapping(uint64 index => Stamp) stamps;
    }

    /// @notice Adds `deposit`, whose index is the queue's count.
    /// @return queueHash hash of the queue with it
    function append(Queue storage queue, Deposit memory deposit) internal returns (bytes32 queueHash) {
        uint64 index = deposit.index;
        queueHash = DepositHash.append(queue.hashes[index], deposit.hash());
        queue.hashes[index + 1] = queueHash;
        queue.stamps[index] = Stamp(deposit.l1BlockNumber, uint64(block.timestamp));
        queue.count = index + 1;
    }

    /// @notice Hash after the first `count` deposits.
    function hashAt(Queue storage queue, uint64 count) internal view returns (bytes32) {
        if (count > queue.count) revert IPortal.UnknownDeposit(count - 1);
        return queue.hashes[count];
    }

    /// @notice When deposit `index` was made.
    function stampOf(Queue storage queue, uint64 index) internal view returns (Stamp memory) {
        if (index >= queue.count) revert IPortal.UnknownDeposit(index);
        return queue.stamps[index];
    }

    /// @notice Whether the first `count` deposits are exactly those of L1 blocks up to `blockNumber`, and their hash.
    function stateAt(Queue storage queue, uint64 count, uint64 blockNumber)
        internal
        view
        returns (bool exact, bytes32 queueHash)
    {
        uint64 total = queue.count;
        if (count > total) return (false, 0);
        bool noneTooNew = count == 0 || queue.stamps[count - 1].blockNumber <= blockNumber;
        bool noneLeftOut = count == total || queue.stamps[count].blockNumber > blockNumber;
        return (noneTooNew && noneLeftOut, queue.hashes[count]);
    }

    /// @notice Number of deposits in L1 blocks up to `blockNumber`, by bisection: block numbers never fall.
    function countAt(Queue storage queue, uint64 blockNumber) internal view returns (uint64) {
        uint64 low = 0;
        uint64 high = queue.count;
        while (low < high) {
            uint64 middle = low + (high - low) / 2;
            if (queue.stamps[middle].blockNumber <= blockNumber) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
