//! The text and its line index.

use routewise_analysis::document::Document;
use routewise_analysis::text::{LineIndex, Position};
use routewise_tests::text;

use crate::edits::{apply, batches, check, encodings, files, name};

#[test]
fn after_any_edits_the_text_is_the_clients_and_the_line_index_is_as_new() {
    check(400, &(files(), batches(), encodings()), |((path, text), batches, encoding)| {
        let mut model = text.clone();
        let mut document = Document::new(path, 0, text);
        for (version, batch) in (1..).zip(&batches) {
            let changes = apply(&mut model, batch, encoding);
            document = document.change(version, &changes, encoding);
            assert_eq!(document.text(), model);
            assert_eq!(document.version(), version);
            assert_eq!(*document.lines(), LineIndex::new(&model));
        }
        let starts = text::line_starts(&model);
        assert_eq!(document.lines().len() as usize, starts.len());
        for (line, start) in (0..).zip(starts) {
            assert_eq!(document.lines().line_start(&model, line) as usize, start);
        }
    });
}

#[test]
fn positions_and_offsets_are_those_of_a_plain_count_in_every_encoding() {
    check(60, &(files(), batches(), encodings()), |((_, mut model), batches, encoding)| {
        for batch in &batches {
            apply(&mut model, batch, encoding);
        }
        let index = LineIndex::new(&model);
        for (offset, _) in model.char_indices() {
            let (line, character) = text::position(&model, offset, name(encoding));
            let position = Position { line: line as u32, character: character as u32 };
            assert_eq!(index.position(&model, offset as u32, encoding), position);
            let inside_crlf =
                offset > 0 && model[..offset].ends_with('\r') && model[offset..].starts_with('\n');
            let back = if inside_crlf { offset - 1 } else { offset };
            assert_eq!(index.offset(&model, position, encoding) as usize, back);
        }
    });
}
