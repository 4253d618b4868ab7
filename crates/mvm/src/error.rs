//! What can go wrong, as a stable code and a sentence.

use alloc::string::String;
use core::fmt;

/// A refusal or failure. `code` is stable and never shown alone; `message` is for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Stable word.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
}

impl Fault {
    /// A fault with `code` and a sentence.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl core::error::Error for Fault {}
impl revm::database_interface::DBErrorMarker for Fault {}
