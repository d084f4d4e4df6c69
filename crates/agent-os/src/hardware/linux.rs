use std::fs;
use std::path::Path;

use super::Firmware;

/// DMI by the kernel; boards without (most of ARM) have a device tree.
pub(super) fn firmware() -> Option<Firmware> {
    (!is_container(Path::new("/"))).then(|| read(Path::new("/")))
}

fn read(root: &Path) -> Firmware {
    let text = |path: &str| {
        let text = fs::read_to_string(root.join(path)).ok()?;
        Some(text.trim_end_matches(['\0', '\n']).to_owned())
    };
    let dmi = |name: &str| text(&format!("sys/class/dmi/id/{name}"));
    Firmware {
        // both are root's alone
        uuid: dmi("product_uuid"),
        serial: dmi("product_serial").or_else(|| text("proc/device-tree/serial-number")),
        manufacturer: dmi("sys_vendor"),
        model: dmi("product_name").or_else(|| text("proc/device-tree/model")),
    }
}

/// Marks that the usual container managers leave: Docker, Podman, and systemd for what it runs as first process.
fn is_container(root: &Path) -> bool {
    let marks = [".dockerenv", "run/.containerenv", "run/systemd/container"];
    let environment = fs::read(root.join("proc/1/environ")).unwrap_or_default();
    marks.iter().any(|mark| root.join(mark).exists())
        || environment.split(|byte| *byte == 0).any(|entry| entry.starts_with(b"container="))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn what_the_kernel_tells_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(root, "sys/class/dmi/id/product_serial", "EX12345\n");
        write(root, "sys/class/dmi/id/sys_vendor", "Example Computers\n");
        write(root, "proc/device-tree/serial-number", "ignored\0");
        write(root, "proc/device-tree/model", "Example Board 4\0");
        let firmware = read(root);
        assert_eq!(firmware.serial.as_deref(), Some("EX12345"));
        assert_eq!(firmware.manufacturer.as_deref(), Some("Example Computers"));
        assert_eq!(firmware.model.as_deref(), Some("Example Board 4"));
        assert_eq!(firmware.uuid, None);
    }

    #[test]
    fn a_container_is_not_its_host() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        assert!(!is_container(root));
        write(root, "proc/1/environ", "PATH=/bin\0container=lxc\0");
        assert!(is_container(root));
        write(root, "proc/1/environ", "PATH=/bin\0no_container=x\0");
        assert!(!is_container(root));
        write(root, ".dockerenv", "");
        assert!(is_container(root));
    }
}
