//! Spans, lines and the three position encodings of the protocol.

use serde::{Deserialize, Serialize};

/// A range of bytes in a file's text, end exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// From `start` up to `end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// An empty span at `at`.
    pub const fn at(at: u32) -> Self {
        Self { start: at, end: at }
    }

    /// Bytes.
    pub const fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether it holds no byte.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `offset` lies inside, the end included: where a cursor counts as on it.
    pub const fn touches(self, offset: u32) -> bool {
        self.start <= offset && offset <= self.end
    }

    /// Whether `other` lies wholly inside.
    pub const fn covers(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The same length, `by` bytes later.
    #[must_use]
    pub const fn shift(self, by: u32) -> Self {
        Self { start: self.start + by, end: self.end + by }
    }

    /// The text it names; empty where the span does not fit the text.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// What a position's `character` counts; negotiated with the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units: the protocol's default.
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

/// A place as editors name it, counted from zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line; a line ends at `\n`, `\r\n` or a lone `\r`, nowhere else.
    pub line: u32,
    /// Units of the negotiated [`Encoding`] from the start of the line.
    pub character: u32,
}

/// Where each line of a text starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineIndex {
    /// Byte offset of the first byte of each line; the first is 0.
    starts: Vec<u32>,
}

impl LineIndex {
    /// Reads a text once.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        push_starts(text.as_bytes(), 0, text.len(), &mut starts);
        Self { starts }
    }

    /// Number of lines; an empty text has one.
    pub fn len(&self) -> u32 {
        self.starts.len() as u32
    }

    /// Never: an empty text has one line.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The line that holds `offset`.
    pub fn line_of(&self, offset: u32) -> u32 {
        self.starts.partition_point(|&start| start <= offset) as u32 - 1
    }

    /// The byte where a line starts; the end of the text for a line past the last.
    pub fn line_start(&self, text: &str, line: u32) -> u32 {
        self.starts.get(line as usize).copied().unwrap_or(text.len() as u32)
    }

    /// The byte where a line starts; the largest offset for a line past the last.
    pub fn start_of(&self, line: u32) -> u32 {
        self.starts.get(line as usize).copied().unwrap_or(u32::MAX)
    }

    /// A line without its end mark.
    pub fn line_span(&self, text: &str, line: u32) -> Span {
        let start = self.line_start(text, line);
        let mut end = self.line_start(text, line + 1);
        let bytes = text.as_bytes();
        if end > start && bytes[end as usize - 1] == b'\n' {
            end -= 1;
        }
        if end > start && bytes[end as usize - 1] == b'\r' {
            end -= 1;
        }
        Span::new(start, end)
    }

    /// The position of a byte offset; an offset inside a character counts as that character's start.
    pub fn position(&self, text: &str, offset: u32, encoding: Encoding) -> Position {
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_of(offset as u32);
        let start = self.starts[line as usize] as usize;
        Position { line, character: encoding.measure(&text[start..offset]) }
    }

    /// The byte offset of a position. A line past the last is the end of the text, a character past the
    /// end of its line is the end of the line (before its end mark), as the protocol asks.
    pub fn offset(&self, text: &str, position: Position, encoding: Encoding) -> u32 {
        if position.line >= self.len() {
            return text.len() as u32;
        }
        let span = self.line_span(text, position.line);
        span.start + encoding.advance(span.of(text), position.character)
    }

    /// Brings the index up to date after `old` of the former text was replaced by `inserted` bytes,
    /// which gave `text`. Costs what the lines touched cost, plus one addition for each later line.
    pub fn replace(&mut self, text: &str, old: Span, inserted: u32) {
        // A `\r` before the edit and a `\n` after it may have joined or parted: read from the line
        // before the edit to the line after it again.
        let first = self.line_of(old.start).saturating_sub(1) as usize;
        let last = (self.line_of(old.end) + 1) as usize;
        let from = self.starts[first] as usize;
        let to = match self.starts.get(last + 1) {
            Some(&start) => (start - old.len() + inserted) as usize,
            None => text.len(),
        };
        let mut fresh = Vec::new();
        push_starts(text.as_bytes(), from, to, &mut fresh);
        let tail = (last + 1).min(self.starts.len());
        // The start of the first line kept after the edit is found again by the scan.
        if tail < self.starts.len() && fresh.last().copied() == Some(to as u32) {
            fresh.pop();
        }
        for start in &mut self.starts[tail..] {
            *start = *start - old.len() + inserted;
        }
        self.starts.splice(first + 1..tail, fresh);
    }
}

/// Pushes the start of each line that begins after an end mark within `from..to`.
fn push_starts(text: &[u8], from: usize, to: usize, starts: &mut Vec<u32>) {
    for at in memchr::memchr2_iter(b'\n', b'\r', &text[from..to]) {
        let at = from + at;
        if text[at] == b'\r' && text.get(at + 1) == Some(&b'\n') {
            continue;
        }
        starts.push(at as u32 + 1);
    }
}

impl Encoding {
    /// Length of `text` in this encoding's units.
    pub fn measure(self, text: &str) -> u32 {
        match self {
            Encoding::Utf8 => text.len() as u32,
            _ if text.is_ascii() => text.len() as u32,
            Encoding::Utf16 => text.chars().map(|c| c.len_utf16() as u32).sum(),
            Encoding::Utf32 => text.chars().count() as u32,
        }
    }

    /// Bytes of `line` that `units` cover: at most the line, never part of a character.
    fn advance(self, line: &str, units: u32) -> u32 {
        let mut left = units;
        for (at, c) in line.char_indices() {
            let width = match self {
                Encoding::Utf8 => c.len_utf8() as u32,
                Encoding::Utf16 => c.len_utf16() as u32,
                Encoding::Utf32 => 1,
            };
            if left < width {
                return at as u32;
            }
            left -= width;
        }
        line.len() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_lf_crlf_and_lone_cr_only() {
        for (text, starts) in [
            ("", vec![0]),
            ("a\nb", vec![0, 2]),
            ("a\r\nb", vec![0, 3]),
            ("a\rb", vec![0, 2]),
            ("a\r\r\nb\n\r", vec![0, 2, 4, 6, 7]),
            ("a\u{2028}b\u{85}c\u{b}d", vec![0]),
        ] {
            assert_eq!(LineIndex::new(text).starts, starts, "{text:?}");
        }
    }

    #[test]
    fn each_encoding_counts_its_own_units() {
        let text = "é\t日😀x\r\ny";
        let index = LineIndex::new(text);
        let x = text.find('x').unwrap() as u32;
        for (encoding, character) in [(Encoding::Utf8, 10), (Encoding::Utf16, 5), (Encoding::Utf32, 4)] {
            let position = Position { line: 0, character };
            assert_eq!(index.position(text, x, encoding), position);
            assert_eq!(index.offset(text, position, encoding), x);
        }
    }

    #[test]
    fn positions_outside_the_text_are_clamped() {
        let text = "ab\r\n😀";
        let index = LineIndex::new(text);
        let at = |line, character, encoding| index.offset(text, Position { line, character }, encoding);
        assert_eq!(at(0, 99, Encoding::Utf16), 2);
        assert_eq!(at(1, 1, Encoding::Utf16), 4, "half a surrogate pair is its start");
        assert_eq!(at(1, 2, Encoding::Utf8), 4, "inside a character is its start");
        assert_eq!(at(7, 0, Encoding::Utf16), text.len() as u32);
    }
}
