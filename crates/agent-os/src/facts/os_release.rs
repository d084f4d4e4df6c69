//! `/etc/os-release`: shell assignments that name the distribution.

/// Name and version; `Linux` when the file does not tell.
pub(super) fn name_and_version(text: &str) -> (String, String) {
    let field = |key: &str| {
        text.lines()
            .filter_map(|line| line.trim().split_once('='))
            .find(|(name, _)| *name == key)
            .map(|(_, v)| unquote(v))
    };
    let name = field("NAME").filter(|name| !name.is_empty()).unwrap_or_else(|| "Linux".to_owned());
    // rolling distributions have no version but may have a build
    let version = field("VERSION").or_else(|| field("VERSION_ID")).or_else(|| field("BUILD_ID")).unwrap_or_default();
    (name, version)
}

fn unquote(value: &str) -> String {
    let value = value.trim();
    let inner = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(value);
    let mut out = String::new();
    let mut escaped = false;
    for character in inner.chars() {
        if character == '\\' && !escaped {
            escaped = true;
        } else {
            out.push(character);
            escaped = false;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::name_and_version;

    #[test]
    fn distributions_are_named() {
        let debian = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\n";
        assert_eq!(name_and_version(debian), ("Debian GNU/Linux".to_owned(), "12 (bookworm)".to_owned()));
        let arch = "NAME='Arch Linux'\nBUILD_ID=rolling\n";
        assert_eq!(name_and_version(arch), ("Arch Linux".to_owned(), "rolling".to_owned()));
        let unraid = "NAME=Slackware\nVERSION=15.0+";
        assert_eq!(name_and_version(unraid), ("Slackware".to_owned(), "15.0+".to_owned()));
        assert_eq!(name_and_version("NAME=\"The \\\"Best\\\"\"").0, "The \"Best\"");
        assert_eq!(name_and_version(""), ("Linux".to_owned(), String::new()));
    }
}
