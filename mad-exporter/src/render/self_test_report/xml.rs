//! As much of XML as a report needs.

/// An XML document in the making: elements with attributes, and text.
#[derive(Debug)]
pub(super) struct Xml {
    text: String,
    open: Vec<&'static str>,
}

impl Xml {
    pub(super) fn new() -> Self {
        Self {
            text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(),
            open: Vec::new(),
        }
    }

    /// Opens an element that has others in it.
    pub(super) fn open(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.text.push_str(">\n");
        self.open.push(name);
    }

    /// Closes the element that was opened last.
    pub(super) fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.indent();
            self.text.extend(["</", name, ">\n"]);
        }
    }

    /// Adds an element that has nothing but a text in it, or nothing at all.
    pub(super) fn leaf(&mut self, name: &'static str, attributes: &[(&str, &str)], content: &str) {
        self.tag(name, attributes);
        if content.is_empty() {
            self.text.push_str("/>\n");
        } else {
            self.text.push('>');
            self.escape(content, false);
            self.text.extend(["</", name, ">\n"]);
        }
    }

    /// Returns the document, with every element closed.
    pub(super) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.text
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.indent();
        self.text.extend(["<", name]);
        for (attribute, value) in attributes {
            self.text.extend([" ", attribute, "=\""]);
            self.escape(value, true);
            self.text.push('"');
        }
    }

    fn indent(&mut self) {
        self.text.extend(self.open.iter().map(|_| "  "));
    }

    /// Readers make blanks of what breaks lines in an attribute, and line feeds of carriage returns.
    fn escape(&mut self, text: &str, in_attribute: bool) {
        for letter in text.chars() {
            match letter {
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '&' => self.text.push_str("&amp;"),
                '"' if in_attribute => self.text.push_str("&quot;"),
                '\t' if in_attribute => self.text.push_str("&#9;"),
                '\n' if in_attribute => self.text.push_str("&#10;"),
                '\r' => self.text.push_str("&#13;"),
                letter if is_legal(letter) => self.text.push(letter),
                _ => self.text.push(char::REPLACEMENT_CHARACTER),
            }
        }
    }
}

/// Says whether XML 1.0 can hold this character at all, in whatever way it is written.
fn is_legal(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back_by_a_parser(value in any::<String>(), content in ".*") {
            let mut xml = Xml::new();
            xml.open("outer", &[("value", &value)]);
            xml.leaf("inner", &[], &content);
            let text = xml.finish();
            let document = roxmltree::Document::parse(&text).unwrap();
            let legal = |text: &str| text
                .chars()
                .map(|letter| if is_legal(letter) { letter } else { char::REPLACEMENT_CHARACTER })
                .collect::<String>();
            let outer = document.root_element();
            prop_assert_eq!(outer.attribute("value").unwrap(), legal(&value));
            let inner = outer.first_element_child().unwrap();
            prop_assert_eq!(inner.text().unwrap_or_default(), legal(&content));
        }
    }
}
