use proptest::prelude::*;

use super::export::sign;
use super::*;
use crate::parameters::Kind;
use crate::script::{DESCRIPTION_MAX, FOLDER_MAX, TIMEOUT_MAX};

const WHOLE: &str = r#"#!/bin/sh
# /// gururmm
# interpreter = "sh"
# name = "Clean up"
# folder = "Linux/Disks"
# description = """
# Removes what nobody needs.
#
# Says what it would do \"first\"."""
# platforms = ["linux"]
# context = "system"
# elevated = true
# timeout_seconds = 60
#
# [[parameters]]
# name = "days"
# label = "Older than days"
# kind = "number"
# required = true
# default = "14"
# min = 1
# max = 365.5
#
# [[parameters]]
# name = "mode"
# label = "Mode"
# kind = "choice"
# default = "dry_run"
# choices = ["dry_run", "delete"]
#
# [environment]
# LANG = "C"
# ///
echo "$PARAM_DAYS"
"#;

fn read(file: &str) -> ScriptFile {
    import("x.sh", file.as_bytes()).unwrap()
}

#[test]
fn a_file_is_read_and_written() {
    let script = read(WHOLE);
    assert_eq!(export(&script), WHOLE);
    assert_eq!((script.name.as_str(), script.folder.as_str()), ("Clean up", "Linux/Disks"));
    assert_eq!(script.description, "Removes what nobody needs.\n\nSays what it would do \"first\".");
    assert_eq!(script.text, "#!/bin/sh\necho \"$PARAM_DAYS\"\n");
    assert_eq!((script.parameters.len(), script.parameters[0].max), (2, Some(365.5)));
    assert_eq!(script.environment["LANG"], "C");
}

#[test]
fn every_usual_encoding_is_read() {
    let script = ScriptFile { name: "Über 😀".to_owned(), ..read(WHOLE) };
    let windows = export(&script).replace('\n', "\r\n");
    let wide: Vec<u16> = format!("\u{feff}{windows}").encode_utf16().collect();
    for bytes in [
        export(&script).into_bytes(),
        windows.clone().into_bytes(),
        export(&script).replace('\n', "\r").into_bytes(),
        format!("\u{feff}{windows}").into_bytes(),
        wide.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        wide.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
    ] {
        assert_eq!(import("x", &bytes).unwrap(), script);
    }
}

#[test]
fn a_file_of_cmd_is_one() {
    let file = ":: /// gururmm\n:: name = \"Disks\"\n:: interpreter = 'cmd'\n:: ///\n@echo off\nver\n";
    let script = read(file);
    assert_eq!((script.text.as_str(), &script.interpreter), ("@echo off\nver\n", &Interpreter::Cmd));
    let script = ScriptFile { description: "50 % of %~z ^\n^".to_owned() + &"x ".repeat(1500) + "y", ..script };
    let written = export(&script);
    let block = written.split("@echo off").next().unwrap();
    assert!(block.lines().all(|line| line.starts_with("::") && line.len() < 8000 && !line.contains(['%', '^'])));
    assert_eq!(read(&written), script);
}

#[test]
fn a_file_without_a_block_says_what_it_can() {
    for (file, text, interpreter, name, platforms) in [
        ("a/Clean up.sh", "ls", "sh", "Clean up", 2),
        ("C:\\b\\c.v1.PS1", "dir", "powershell", "c.v1", 1),
        ("d.bat", "dir", "cmd", "d", 1),
        ("d.cmd", "dir", "cmd", "d", 1),
        ("e.py", "pass", "python", "e", 3),
        ("f.sh", "#!/usr/bin/env -S bash -e\nls", "bash", "f", 2),
        ("f.sh", "#!/bin/sh -e\nls", "sh", "f", 2),
        ("g", "#!/usr/bin/python3\npass", "python", "g", 3),
    ] {
        let script = import(file, text.as_bytes()).unwrap();
        let found = (script.interpreter.as_str(), script.name.as_str(), script.platforms.len());
        assert_eq!(found, (interpreter, name, platforms), "{file}");
        assert_eq!(script.text, text);
        assert_eq!(read(&export(&script)), script);
    }
    assert!(import("x.txt", b"ls").unwrap_err().message.contains("interpreter = \"sh\""));
    assert!(import(".sh", b"ls").unwrap_err().message.contains("Give a name"));
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let changed = |from: &str, to: &str| {
        let changed = WHOLE.replacen(from, to, 1);
        assert_ne!(changed, WHOLE, "{from}");
        changed.into_bytes()
    };
    for (file, line, told) in [
        (changed("name = \"Clean up\"", "name = Clean up"), 4, "invalid"),
        (changed("name = \"Clean up\"", "nmae = \"x\""), 4, "nmae"),
        (changed("name = \"Clean up\"", "name = \" \""), 4, "Give a name"),
        (changed("Linux/Disks", "Linux//Disks"), 5, "Give a name"),
        (changed("Linux/Disks", "a/b/c/d/e/f"), 5, "At most 5"),
        (changed("interpreter = \"sh\"", "interpreter = \"sh -c\""), 3, "absolute path"),
        (changed("interpreter = \"sh\"", "interpreter = \"cmd\""), 10, "Windows only"),
        (changed("[\"linux\"]", "[]"), 10, "at least one"),
        (changed("[\"linux\"]", "[\"plan9\"]"), 10, "plan9"),
        (changed("\"system\"", "\"root\""), 11, "root"),
        (changed("timeout_seconds = 60", "timeout_seconds = 0"), 13, "Between 1"),
        (changed("default = \"14\"", "default = 14"), 20, "expected a string"),
        (changed("default = \"14\"", "default = \"0\""), 20, "Between 1"),
        (changed("name = \"mode\"", "name = \"days\""), 25, "twice"),
        (changed("\"dry_run\"", "\"other\""), 28, "Choose one of"),
        (changed("LANG", "PARAM_X"), 32, "the server's"),
        (changed("# [environment]", "[environment]"), 31, "begins with `#`"),
        (changed("# ///\necho", "echo"), 33, "begins with `#`"),
        (changed("# ///\necho \"$PARAM_DAYS\"\n", "#"), 2, "does not end"),
        (changed("echo \"$PARAM_DAYS\"", "echo \0"), 34, "NUL"),
        (changed("#!/bin/sh\n", "\n"), 2, "first line"),
        (changed("#!/bin/sh\n", "# Mine.\n\n"), 3, "first line"),
        (b"# /// gururmm\n# interpreter = 'sh'\n# ///\n\n".to_vec(), 4, "no script"),
        (b"# /// gururmm\n# ///".to_vec(), 3, "no script"),
        (b"a\r\nb\xff".to_vec(), 2, "UTF-8"),
        (b"\xff\xfea".to_vec(), 1, "UTF-16"),
        (b"\xff\xfe\x00\xd8".to_vec(), 1, "UTF-16"),
        (b"l\0s\0".to_vec(), 1, "NUL"),
        (b" \n".to_vec(), 1, "no script"),
        (vec![b'x'; FILE_MAX + 1], 1, "at most"),
        (vec![b'x'; text::TEXT_MAX + 1], 1, "64 KiB"),
    ] {
        let error = import("x.sh", &file).unwrap_err();
        let head: String = String::from_utf8_lossy(&file).chars().take(60).collect();
        assert_eq!(error.line, line, "{error} {head:?}");
        assert!(error.message.contains(told), "{error} {head:?}");
    }
}

#[test]
fn nothing_is_lost_at_the_edges_of_a_text() {
    for text in
        ["#!/bin/sh", "#!/bin/sh\n", "#!", "#!\n\n", "x", "\n\nx\n\n", "# ///", "# /// gururmm\n# ///\n", ":: ///"]
    {
        let script = ScriptFile { text: text.to_owned(), ..read(WHOLE) };
        assert_eq!(read(&export(&script)), script, "{text:?}");
    }
}

#[test]
fn a_block_stays_a_comment_in_every_language() {
    let odd = "a\u{2028}b\u{85}c\u{202e}\n///\n  ///  \n# ///\n\"\"\"\n\\\n \n";
    let script = ScriptFile { description: format!("{odd}coding: latin-1"), ..read(WHOLE) };
    for interpreter in ["sh", "node", "python", "pwsh"] {
        let interpreter = Interpreter::parse(interpreter).unwrap();
        let script = ScriptFile { interpreter, text: "x".to_owned(), ..script.clone() };
        let script = ScriptFile { description: script.description.replace('\u{85}', ""), ..script };
        let written = export(&script);
        assert_eq!(read(&written), script);
        assert!(!written.contains(['\u{2028}', '\u{202e}']));
        assert!(!written.lines().take(2).any(|line| line.contains("coding")));
    }
}

fn odd_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -~\t]{0,12}",
        any::<String>(),
        prop::sample::select(vec![
            "#!",
            "#!/bin/sh\n",
            "# ///",
            "# /// gururmm",
            "///",
            "\n///\n",
            "::",
            "\"\"\"",
            "'''",
            "\\",
            "\\\n",
            " \n ",
            "%",
            "^",
            "\u{feff}",
            "\u{2028}",
            "\r\n",
            "\r",
            "[[parameters]]\n",
            "=",
        ])
        .prop_map(str::to_owned),
        (1_usize..900).prop_map(|count| "y ".repeat(count)),
        (1_usize..900).prop_map(|count| " ".repeat(count)),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

prop_compose! {
    fn odd_parameter()(
        label in odd_text(),
        choices in prop::collection::vec(odd_text(), 0..6),
        default in prop::option::of(odd_text()),
        bounds in (prop::option::of(-1e6..1e6), prop::option::of(-1000_i32..1000)),
        required in any::<bool>(),
    ) -> Parameter {
        let line = |text: &str, max| text.replace(char::is_control, "").trim().chars().take(max).collect::<String>().trim().to_owned();
        let choices: BTreeSet<_> = choices.iter().map(|text| line(text, 100)).filter(|text| !text.is_empty()).collect();
        let kind = if !choices.is_empty() { Kind::Choice } else if bounds.0.is_some() { Kind::Number } else { Kind::String };
        let (min, max) = match (kind, bounds) {
            (Kind::Number, (min, max)) => (min, max.map(f64::from)),
            _ => (None, None),
        };
        Parameter {
            name: "p".to_owned(), label: format!("x{}", line(&label, 90)), kind, required, min, max,
            default: default.filter(|_| kind == Kind::String), max_length: None,
            choices: choices.into_iter().collect(), field: None,
        }
    }
}

prop_compose! {
    fn odd_script()(
        texts in (odd_text(), odd_text(), odd_text(), odd_text()),
        interpreter in prop::sample::select(vec!["sh", "cmd", "powershell", "python", "bash", "node", "/opt/a b"]),
        platforms in prop::collection::btree_set(
            prop::sample::select(vec![Platform::Linux, Platform::Windows, Platform::Macos]), 1..=3),
        (is_system, elevated, timeout_seconds) in (any::<bool>(), any::<bool>(), 1..=TIMEOUT_MAX),
        parameter in prop::option::of(odd_parameter()),
        value in odd_text(),
    ) -> ScriptFile {
        let interpreter = Interpreter::parse(interpreter).unwrap();
        ScriptFile {
            name: texts.0.trim().to_owned(),
            folder: texts.1.trim().to_owned(),
            description: texts.2.trim().to_owned(),
            platforms: if interpreter == Interpreter::Cmd { [Platform::Windows].into() } else { platforms },
            interpreter,
            context: if is_system { Context::System } else { Context::UserSession },
            elevated, timeout_seconds,
            parameters: parameter.into_iter().collect(),
            environment: BTreeMap::from([("A".to_owned(), value)]),
            text: text::stored(&texts.3).unwrap_or_else(|_| "x".to_owned()),
        }
    }
}

/// A script that the library could hold, as near to the odd one as can be.
fn made_good(mut script: ScriptFile) -> ScriptFile {
    let clean = |text: &str, max: usize| {
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        let text: String = text.trim().chars().take(max).collect();
        text.trim().to_owned()
    };
    for (path, _) in script.check().err().unwrap_or_default() {
        match path.as_str() {
            "name" => script.name = format!("x{}", clean(&script.name, NAME_MAX - 1)),
            "folder" => script.folder = clean(&script.folder.replace('/', ""), FOLDER_MAX),
            "description" => {
                script.description.retain(|c| !c.is_control() || c == '\n');
                script.description = script.description.trim().chars().take(DESCRIPTION_MAX).collect();
                script.description = script.description.trim().to_owned();
            }
            "environment.A" => {
                let value = script.environment.get_mut("A").unwrap();
                value.retain(|c| !c.is_control() || c == '\n');
                *value = value.chars().take(1000).collect();
            }
            path => {
                assert!(path.starts_with("parameters[0]."), "{path}");
                script.parameters.clear();
            }
        }
    }
    script.check().unwrap();
    script
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn an_export_can_be_imported_without_a_difference(script in odd_script().prop_map(made_good)) {
        let file = export(&script);
        let read = import("other.txt", file.as_bytes());
        prop_assert_eq!(read.as_ref(), Ok(&script), "{}", file);
        prop_assert_eq!(export(&read.unwrap()), file.clone());
        let windows = format!("\u{feff}{}", file.replace('\n', "\r\n"));
        prop_assert_eq!(import("other.txt", windows.as_bytes()), Ok(script.clone()));
        let sign = sign(&script.interpreter);
        let after = file.find(&format!("{sign} {OPENING}\n")).unwrap();
        let block: Vec<_> = file[after..].split('\n').take_while(|line| !is_marker(line, sign, CLOSING)).collect();
        prop_assert!(block.iter().all(|line| line.starts_with(sign) && line.len() < 8000));
    }

    #[test]
    fn any_bytes_are_read_or_told_of(bytes in prop::collection::vec(any::<u8>(), 0..200), file in odd_text()) {
        for bytes in [bytes, format!("# /// gururmm\n# {}\n# ///\nx", file.replace('\n', "\n# ")).into_bytes()] {
            match import("x.sh", &bytes) {
                Ok(script) => prop_assert_eq!(import("x.sh", export(&script).as_bytes()), Ok(script)),
                Err(error) => prop_assert!(error.line >= 1 && !error.message.is_empty()),
            }
        }
    }
}
