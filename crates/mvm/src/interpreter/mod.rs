//! The interpreter's loop: a `match` over the hot opcodes, which a WebAssembly compiler turns into one jump table with
//! the operations inlined, where revm calls through a table of function pointers. The operations themselves are revm's.

use revm::{
    bytecode::opcode,
    interpreter::{
        Host, InstructionContext, InstructionExecResult, InstructionResult, InstructionTable, Interpreter,
        InterpreterAction,
        instructions::{
            GasTable, arithmetic, bitwise, block_info, contract, control, host, memory, stack, system, tx_info,
        },
        interpreter::EthInterpreter,
        interpreter_types::{Jumps, LoopControl},
    },
};

/// `match` on the opcode byte; what is not listed goes through the table.
macro_rules! dispatch {
    ($opcode:expr, $context:expr, $table:expr, { $($code:ident => $operation:expr,)* }) => {
        match $opcode {
            $(opcode::$code => $operation($context),)*
            other => $table[usize::from(other)].execute($context),
        }
    };
}

/// Runs until the frame returns, halts, or calls.
pub fn run<H: Host>(
    interpreter: &mut Interpreter<EthInterpreter>,
    table: &InstructionTable<EthInterpreter, H>,
    gas_table: &GasTable,
    host: &mut H,
) -> InterpreterAction {
    let end = loop {
        if let Err(end) = step(interpreter, table, gas_table, host) {
            break end;
        }
    };
    if interpreter.bytecode.action().is_none() {
        interpreter.halt(end);
    }
    interpreter.take_next_action()
}

/// Runs one instruction; an error says that the frame stops or pauses, and why.
#[inline(always)]
pub(crate) fn step<H: Host>(
    interpreter: &mut Interpreter<EthInterpreter>,
    table: &InstructionTable<EthInterpreter, H>,
    gas_table: &GasTable,
    world: &mut H,
) -> InstructionExecResult {
    let code = interpreter.bytecode.opcode();
    // Analysed code ends in STOP, so there is always a next byte.
    interpreter.bytecode.relative_jump(1);
    if interpreter.gas.record_cost_unsafe(u64::from(gas_table[usize::from(code)])) {
        return Err(InstructionResult::OutOfGas);
    }
    let context = InstructionContext { interpreter, host: world };
    dispatch!(code, context, table, {
        STOP => control::stop,
        ADD => arithmetic::add,
        MUL => arithmetic::mul,
        SUB => arithmetic::sub,
        DIV => arithmetic::div,
        SDIV => arithmetic::sdiv,
        MOD => arithmetic::rem,
        SMOD => arithmetic::smod,
        ADDMOD => arithmetic::addmod,
        MULMOD => arithmetic::mulmod,
        SIGNEXTEND => arithmetic::signextend,
        LT => bitwise::lt,
        GT => bitwise::gt,
        SLT => bitwise::slt,
        SGT => bitwise::sgt,
        EQ => bitwise::eq,
        ISZERO => bitwise::iszero,
        AND => bitwise::bitand,
        OR => bitwise::bitor,
        XOR => bitwise::bitxor,
        NOT => bitwise::not,
        BYTE => bitwise::byte,
        SHL => bitwise::shl,
        SHR => bitwise::shr,
        SAR => bitwise::sar,
        KECCAK256 => system::keccak256,
        ADDRESS => system::address,
        CALLER => system::caller,
        CALLVALUE => system::callvalue,
        CALLDATALOAD => system::calldataload,
        CALLDATASIZE => system::calldatasize,
        CALLDATACOPY => system::calldatacopy,
        CODECOPY => system::codecopy,
        GASPRICE => tx_info::gasprice,
        RETURNDATASIZE => system::returndatasize,
        RETURNDATACOPY => system::returndatacopy,
        TIMESTAMP => block_info::timestamp,
        POP => stack::pop,
        MLOAD => memory::mload,
        MSTORE => memory::mstore,
        MSTORE8 => memory::mstore8,
        SLOAD => host::sload,
        SSTORE => host::sstore,
        JUMP => control::jump,
        JUMPI => control::jumpi,
        PC => control::pc,
        MSIZE => memory::msize,
        GAS => system::gas,
        JUMPDEST => control::jumpdest,
        MCOPY => memory::mcopy,
        PUSH0 => stack::push0,
        PUSH1 => stack::push::<1, _, _>,
        PUSH2 => stack::push::<2, _, _>,
        PUSH3 => stack::push::<3, _, _>,
        PUSH4 => stack::push::<4, _, _>,
        PUSH5 => stack::push::<5, _, _>,
        PUSH8 => stack::push::<8, _, _>,
        PUSH16 => stack::push::<16, _, _>,
        PUSH20 => stack::push::<20, _, _>,
        PUSH31 => stack::push::<31, _, _>,
        PUSH32 => stack::push::<32, _, _>,
        DUP1 => stack::dup::<1, _, _>,
        DUP2 => stack::dup::<2, _, _>,
        DUP3 => stack::dup::<3, _, _>,
        DUP4 => stack::dup::<4, _, _>,
        DUP5 => stack::dup::<5, _, _>,
        DUP6 => stack::dup::<6, _, _>,
        DUP7 => stack::dup::<7, _, _>,
        DUP8 => stack::dup::<8, _, _>,
        DUP9 => stack::dup::<9, _, _>,
        DUP10 => stack::dup::<10, _, _>,
        DUP11 => stack::dup::<11, _, _>,
        DUP12 => stack::dup::<12, _, _>,
        DUP13 => stack::dup::<13, _, _>,
        DUP14 => stack::dup::<14, _, _>,
        DUP15 => stack::dup::<15, _, _>,
        DUP16 => stack::dup::<16, _, _>,
        SWAP1 => stack::swap::<1, _, _>,
        SWAP2 => stack::swap::<2, _, _>,
        SWAP3 => stack::swap::<3, _, _>,
        SWAP4 => stack::swap::<4, _, _>,
        SWAP5 => stack::swap::<5, _, _>,
        SWAP6 => stack::swap::<6, _, _>,
        SWAP7 => stack::swap::<7, _, _>,
        SWAP8 => stack::swap::<8, _, _>,
        SWAP9 => stack::swap::<9, _, _>,
        SWAP10 => stack::swap::<10, _, _>,
        SWAP11 => stack::swap::<11, _, _>,
        SWAP12 => stack::swap::<12, _, _>,
        SWAP13 => stack::swap::<13, _, _>,
        SWAP14 => stack::swap::<14, _, _>,
        SWAP15 => stack::swap::<15, _, _>,
        SWAP16 => stack::swap::<16, _, _>,
        LOG1 => host::log::<1, _>,
        LOG2 => host::log::<2, _>,
        LOG3 => host::log::<3, _>,
        CALL => contract::call::<{ opcode::CALL }, _, _>,
        DELEGATECALL => contract::call::<{ opcode::DELEGATECALL }, _, _>,
        STATICCALL => contract::call::<{ opcode::STATICCALL }, _, _>,
        RETURN => control::ret,
        REVERT => control::revert,
    })
}
