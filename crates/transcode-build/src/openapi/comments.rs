//! The comments of a contract as Markdown.

use prost_reflect::FileDescriptor;

/// The comment before an element of a file, without the marks; empty when there is none.
#[must_use]
pub fn comment(file: &FileDescriptor, path: &[i32]) -> String {
    let proto = file.file_descriptor_proto();
    let mut locations = proto.source_code_info.iter().flat_map(|info| &info.location);
    let found = locations.find(|location| location.path == path);
    let text = found.and_then(|location| location.leading_comments.as_deref()).unwrap_or_default();
    let lines = text.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end());
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// The first sentence, without its full stop.
pub(super) fn summary(comment: &str) -> String {
    let paragraph = comment.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let sentence = paragraph.split_once(". ").map_or(paragraph.as_str(), |(first, _)| first);
    sentence.trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_is_the_first_sentence() {
        assert_eq!(summary("Creates an order\nand places it. Prices 1.5."), "Creates an order and places it");
        assert_eq!(summary("Returns 1.5 orders.\n\nMore."), "Returns 1.5 orders");
        assert_eq!(summary(""), "");
    }
}
