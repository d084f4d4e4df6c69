//! Volumes: real local file systems, each once.

use std::collections::HashSet;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use gururmm_protocol::limits::DISKS_MAX;
use gururmm_protocol::metrics::Disk;
use nix::sys::statvfs::statvfs;

/// File systems that hold data on this machine. Network file systems are left out: asking one that is gone blocks for ever.
const LOCAL: [&str; 18] = [
    "apfs", "bcachefs", "btrfs", "exfat", "ext2", "ext3", "ext4", "f2fs", "fuseblk", "hfsplus", "jfs", "nilfs2",
    "ntfs", "ntfs3", "reiserfs", "vfat", "xfs", "zfs",
];

#[derive(Debug, PartialEq, Eq)]
struct Mount {
    path: PathBuf,
    source: String,
}

pub(super) fn disks(mountinfo: &str) -> Vec<Disk> {
    mounts(mountinfo).into_iter().filter_map(measure).take(DISKS_MAX).collect()
}

fn measure(mount: Mount) -> Option<Disk> {
    let figures = statvfs(&mount.path).ok()?;
    let block = figures.fragment_size() as u64;
    let total_bytes = figures.blocks() as u64 * block;
    let used_bytes = total_bytes.saturating_sub(figures.blocks_free() as u64 * block);
    (total_bytes > 0).then(|| Disk {
        mount: super::super::short(&mount.path.to_string_lossy()),
        used_bytes,
        total_bytes,
    })
}

/// The mounts worth measuring: the shortest path of each source, so that bind mounts and subvolumes count once.
fn mounts(mountinfo: &str) -> Vec<Mount> {
    let mut mounts: Vec<_> = mountinfo.lines().filter_map(parse).collect();
    mounts.sort_by_key(|mount| (mount.path.as_os_str().len(), mount.path.clone()));
    let mut seen = HashSet::new();
    mounts.retain(|mount| seen.insert(mount.source.clone()));
    mounts
}

/// `36 35 98:0 /root /mount options shared:1 - ext4 /dev/root options`
fn parse(line: &str) -> Option<Mount> {
    let (mount, file_system) = line.split_once(" - ")?;
    let path = unescape(mount.split(' ').nth(4)?);
    let mut fields = file_system.split(' ');
    let kind = fields.next()?;
    // the root of a container is an overlay, and its only volume
    let is_local = LOCAL.contains(&kind) || (kind == "overlay" && path == std::path::Path::new("/"));
    is_local.then(|| Mount { path, source: fields.next().unwrap_or_default().to_owned() })
}

/// Spaces and the like are octal: `\040`.
fn unescape(text: &str) -> PathBuf {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let octal = text.get(index + 1..index + 4).filter(|_| bytes[index] == b'\\');
        if let Some(byte) = octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            out.push(byte);
            index += 4;
        } else {
            out.push(bytes[index]);
            index += 1;
        }
    }
    PathBuf::from(std::ffi::OsString::from_vec(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTINFO: &str = "\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
23 22 0:21 / /proc rw - proc proc rw
24 22 0:22 / /run rw - tmpfs tmpfs rw
25 22 8:1 /srv /bind rw - ext4 /dev/sda1 rw
26 22 8:17 / /mnt/usb\\040disk rw - vfat /dev/sdb1 rw
27 22 0:50 /@ /data rw shared:5 - btrfs /dev/sdc rw
28 22 0:51 /@home /home rw shared:6 - btrfs /dev/sdc rw
29 22 0:60 / /mnt/nas rw - nfs4 192.0.2.1:/export rw
30 22 7:0 / /snap/core/1 ro - squashfs /dev/loop0 ro
31 22 0:70 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw
broken line";

    #[test]
    fn each_real_volume_counts_once() {
        let paths: Vec<_> = mounts(MOUNTINFO).into_iter().map(|mount| mount.path.display().to_string()).collect();
        assert_eq!(paths, ["/", "/data", "/mnt/usb disk"]);
    }

    #[test]
    fn a_container_has_its_overlay() {
        let mounts = mounts("1 0 0:70 / / rw - overlay overlay rw");
        assert_eq!(mounts.len(), 1);
    }
}
