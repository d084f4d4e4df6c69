//! The text of the systemd unit.

use std::path::Path;

const UNIT: &str = include_str!("../../../../packaging/linux/gururmm-agent.service");
pub(super) const USUAL_PROGRAM: &str = "/usr/local/bin/gururmm-agent";

/// The unit for a program at this place, with its state elsewhere if that is wished.
pub(super) fn text(program: &Path, state_dir: Option<&Path>) -> String {
    let program = quoted(program);
    let Some(state_dir) = state_dir else { return UNIT.replace(USUAL_PROGRAM, &program) };
    let folder = quoted(state_dir);
    let started = UNIT.replace(&format!("{USUAL_PROGRAM} run"), &format!("{program} --state-dir {folder} run"));
    // the sandbox opens only the usual folders by itself
    started.replace("[Install]", &format!("ReadWritePaths={folder}\n\n[Install]"))
}

/// systemd splits at spaces and knows `%` and `$`.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string().replace('%', "%%").replace('$', "$$");
    let is_plain = text.chars().all(|character| character.is_ascii_alphanumeric() || "/._-%$".contains(character));
    if is_plain { text } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_program_gets_the_packaged_unit() {
        assert_eq!(text(Path::new(USUAL_PROGRAM), None), UNIT);
        assert!(UNIT.contains(&format!("ExecStart={USUAL_PROGRAM} run\n")));
    }

    #[test]
    fn another_place_is_named_so_that_systemd_understands_it() {
        let unit = text(Path::new("/opt/a b/100%/agent"), Some(Path::new("/srv/state")));
        assert!(unit.contains("ExecStart=\"/opt/a b/100%%/agent\" --state-dir /srv/state run\n"), "{unit}");
        assert!(unit.contains("ReadWritePaths=/srv/state\n"), "{unit}");
    }
}
