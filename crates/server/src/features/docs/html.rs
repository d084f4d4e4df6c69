//! Text as HTML.

/// Text in which no character means anything to HTML, in content or in a quoted attribute.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Prose as documentation comments write it: words in backticks are code, an empty line begins a paragraph.
pub(super) fn prose(text: &str) -> String {
    text.split("\n\n").map(spans).collect::<Vec<_>>().join("<br><br>")
}

fn spans(paragraph: &str) -> String {
    let parts: Vec<&str> = paragraph.split('`').collect();
    // an odd backtick out is only a character
    if parts.len().is_multiple_of(2) {
        return escape(paragraph);
    }
    let mut html = String::new();
    for (index, part) in parts.into_iter().enumerate() {
        let (open, close) = if index % 2 == 0 { ("", "") } else { ("<code>", "</code>") };
        html.push_str(open);
        html.push_str(&escape(part));
        html.push_str(close);
    }
    html
}

/// A name as the target of links within the page.
pub(super) fn anchor(kind: &str, name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
    format!("{kind}-{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_becomes_markup() {
        assert_eq!(escape("<b a=\"1\" b='2'>&amp;"), "&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;amp;");
        assert_eq!(prose("see `<a>`\nand <b>\n\nthen"), "see <code>&lt;a&gt;</code>\nand &lt;b&gt;<br><br>then");
        assert_eq!(prose("a ` alone"), "a ` alone");
        assert_eq!(anchor("schema", "Page_Agent\" onclick=\"x"), "schema-Page_Agent--onclick--x");
    }
}
