//! A kept block again, from its header and transactions alone: what tracing starts from.

use super::Block;
use crate::{config::Config, error::Fault, evm::Machine, header::Header, state::Host};
use alloc::rc::Rc;
use alloy_primitives::B256;

/// A machine on the parent's state as the block's first transaction finds it: after the system calls, whose arguments
/// the header holds, in both modes.
pub(crate) fn replay<H: Host>(config: Rc<Config>, host: H, header: Header) -> Result<Machine<H>, Fault> {
    let mut block = Block::start(config, host, header, B256::ZERO);
    block.begin_ethereum()?;
    Ok(block.machine)
}
