//! A text that is rewritten piece by piece: a larger piece is put together from smaller ones that have changed already.

use crate::text::Span;

/// A text and what has become of parts of it.
#[derive(Clone, Debug)]
pub(super) struct Draft<'a> {
    text: &'a str,
    /// By place; none within another.
    changes: Vec<(Span, String)>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, changes: Vec::new() }
    }

    /// Puts a text in the place of another, and of all that has changed in it.
    pub(super) fn replace(&mut self, span: Span, text: impl Into<String>) {
        self.changes.retain(|(changed, _)| !span.covers(*changed));
        let at = self.changes.partition_point(|(changed, _)| changed.start < span.start);
        self.changes.insert(at, (span, text.into()));
    }

    /// How a piece reads now.
    pub(super) fn read(&self, span: Span) -> String {
        let mut out = String::new();
        let mut at = span.start;
        for (changed, text) in self.changes.iter().filter(|(changed, _)| span.covers(*changed)) {
            out.push_str(Span::new(at, changed.start).of(self.text));
            out.push_str(text);
            at = changed.end;
        }
        out.push_str(Span::new(at, span.end).of(self.text));
        out
    }

    /// The whole of it.
    pub(super) fn finish(&self) -> String {
        self.read(Span::new(0, self.text.len() as u32))
    }

    /// Where something that has not changed stands now.
    pub(super) fn place(&self, at: u32) -> u32 {
        let before = self.changes.iter().filter(|(changed, _)| changed.end <= at);
        before.fold(at, |at, (changed, text)| at + text.len() as u32 - changed.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_piece_takes_the_place_of_smaller_ones() {
        let mut draft = Draft::new("f(req.a, req.b);");
        draft.replace(Span::new(9, 14), "b");
        draft.replace(Span::new(2, 7), "a");
        assert_eq!(draft.finish(), "f(a, b);");
        assert_eq!(draft.place(15), 7);
        let inner = draft.read(Span::new(2, 14));
        draft.replace(Span::new(0, 15), format!("g({inner}, c)"));
        assert_eq!(draft.finish(), "g(a, b, c);");
    }
}
