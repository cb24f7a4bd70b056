//! What is wrong on the disk, said so that it can be mended.

use std::fmt;

use routewise_analysis::path::FilePath;
use routewise_analysis::text::{Encoding, LineIndex, Span};

/// Something on the disk that could not be used as it stands: names the file, the place and the remedy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file.
    pub path: FilePath,
    /// The offending bytes; `None` where the file as a whole is meant.
    pub span: Option<Span>,
    /// Line of the place, from 1.
    pub line: u32,
    /// Column of the place in characters, from 1.
    pub column: u32,
    /// What is wrong and what to do, one or two sentences.
    pub message: String,
    /// Routewise was told something that it cannot follow: a command stops. Else a file of the project that
    /// others own is broken, and the rest goes on.
    pub blocks: bool,
}

impl Problem {
    /// Something about a whole file or folder.
    pub fn whole(path: FilePath, message: impl Into<String>) -> Self {
        Self { path, span: None, line: 1, column: 1, message: message.into(), blocks: true }
    }

    /// Something at one place of a file's text.
    pub fn at(path: FilePath, text: &str, span: Span, message: impl Into<String>) -> Self {
        let position = LineIndex::new(text).position(text, span.start, Encoding::Utf32);
        Self {
            path,
            span: Some(span),
            line: position.line + 1,
            column: position.character + 1,
            message: message.into(),
            blocks: true,
        }
    }

    /// The same, about a file of the project that is not for Routewise alone.
    #[must_use]
    pub(crate) fn aside(self) -> Self {
        Self { blocks: false, ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.span {
            Some(_) => write!(f, "{}:{}:{}: {}", self.path, self.line, self.column, self.message),
            None => write!(f, "{}: {}", self.path, self.message),
        }
    }
}

/// The known word that `word` was probably meant to be.
pub(crate) fn meant<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().min(word.len()) / 4)
        .min_by_key(|(distance, candidate)| (*distance, candidate.len()))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_another_word_is_not() {
        let known = ["target", "rules", "include", "exclude", "root"];
        assert_eq!(meant("taregt", known), Some("target"));
        assert_eq!(meant("Rules", known), Some("rules"));
        assert_eq!(meant("excludes", known), Some("exclude"));
        assert_eq!(meant("plugins", known), None);
    }

    #[test]
    fn a_place_is_counted_in_characters_from_one() {
        let text = "{\n  \"é\": x}";
        let at = text.find('x').unwrap() as u32;
        let problem = Problem::at(FilePath::new("/a.json"), text, Span::new(at, at + 1), "no");
        assert_eq!((problem.line, problem.column), (2, 8));
        assert_eq!(problem.to_string(), "/a.json:2:8: no");
    }
}
