//! JSON text as traces need it: ASCII words, numbers, hex.

use alloc::string::String;
use alloy_primitives::U256;
use core::fmt::{Display, Write};

/// A text being written. Commas are put where they belong.
#[derive(Clone, Debug, Default)]
pub struct Json {
    text: String,
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

impl Json {
    /// Bytes written.
    pub const fn len(&self) -> usize {
        self.text.len()
    }

    /// The text.
    pub fn into_text(self) -> String {
        self.text
    }

    fn separate(&mut self) {
        if !matches!(self.text.as_bytes().last(), None | Some(b'{' | b'[' | b':' | b',')) {
            self.text.push(',');
        }
    }

    /// `{`, what `write` writes, `}`.
    pub fn object(&mut self, write: impl FnOnce(&mut Self)) {
        self.separate();
        self.text.push('{');
        write(self);
        self.text.push('}');
    }

    /// `[`, what `write` writes, `]`.
    pub fn list(&mut self, write: impl FnOnce(&mut Self)) {
        self.separate();
        self.text.push('[');
        write(self);
        self.text.push(']');
    }

    /// A field's name; its value comes next.
    pub fn key(&mut self, name: &str) -> &mut Self {
        self.separate();
        self.text.push('"');
        self.text.push_str(name);
        self.text.push_str("\":");
        self
    }

    /// A number or `true` and `false`.
    pub fn plain(&mut self, value: impl Display) {
        self.separate();
        let _ = write!(self.text, "{value}");
    }

    /// A string; what JSON does not take as it is gets escaped.
    pub fn string(&mut self, value: &str) {
        self.separate();
        self.text.push('"');
        for character in value.chars() {
            match character {
                '"' | '\\' => self.text.extend(['\\', character]),
                '\0'..='\x1f' => drop(write!(self.text, "\\u{:04x}", u32::from(character))),
                _ => self.text.push(character),
            }
        }
        self.text.push('"');
    }

    /// `"0x..."`, two digits a byte.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.separate();
        self.text.push('"');
        self.hex(bytes);
        self.text.push('"');
    }

    /// A field named by hex bytes.
    pub fn bytes_key(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes(bytes);
        self.text.push(':');
        self
    }

    /// `"0x..."` without leading zeros.
    pub fn quantity(&mut self, value: U256) {
        self.separate();
        self.text.push_str("\"0x");
        let bytes = value.to_be_bytes::<32>();
        let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let start = self.text.len();
        for digit in digits.skip_while(|digit| *digit == 0) {
            self.text.push(char::from(DIGITS[usize::from(digit)]));
        }
        if self.text.len() == start {
            self.text.push('0');
        }
        self.text.push('"');
    }

    /// Text that is JSON already.
    pub fn raw(&mut self, json: &str) {
        self.separate();
        self.text.push_str(json);
    }

    fn hex(&mut self, bytes: &[u8]) {
        self.text.push_str("0x");
        self.text.reserve(bytes.len() * 2);
        for byte in bytes {
            self.text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            self.text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_json() {
        let mut json = Json::default();
        json.object(|json| {
            json.key("a").plain(1);
            json.key("b").list(|json| {
                json.quantity(U256::ZERO);
                json.quantity(U256::from(0x1234));
                json.bytes(&[]);
                json.bytes(&[0, 0xff]);
            });
            json.key("c").object(|json| json.bytes_key(&[1]).string("\"\\\n\u{e9}"));
            json.key("d").raw("null");
            json.key("e").list(|_| {});
        });
        let text = r#"{"a":1,"b":["0x0","0x1234","0x","0x00ff"],"c":{"0x01":"\"\\\u000aé"},"d":null,"e":[]}"#;
        assert_eq!(json.into_text(), text);
    }
}
