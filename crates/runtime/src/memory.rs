//! How much memory there is.

use std::path::{Path, PathBuf};

/// Bytes of memory that this process may use: the machine's, or those of its control group (Linux, versions 1 and 2) if
/// that allows less. `None` where the system does not say.
pub fn total() -> Option<u64> {
    let machine = read("/proc/meminfo").and_then(|text| machine(&text));
    let groups = read("/proc/self/cgroup").map(|text| groups(&text)).unwrap_or_default();
    let limits = groups.into_iter().filter_map(|file| limit(&std::fs::read_to_string(file).ok()?));
    limits.chain(machine).min()
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

/// What `/proc/meminfo` says.
fn machine(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// Files that may hold the limits of the groups that `/proc/self/cgroup` names, and of the groups around them.
fn groups(text: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for line in text.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(group)) = (parts.next(), parts.next()) else { continue };
        let (root, name) = match controllers {
            "" => ("/sys/fs/cgroup", "memory.max"),
            _ if controllers.split(',').any(|one| one == "memory") => {
                ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
            }
            _ => continue,
        };
        let inside = Path::new(group.trim_start_matches('/'));
        files.extend(inside.ancestors().map(|part| Path::new(root).join(part).join(name)));
    }
    files
}

/// What a file of a group says; without a limit version 2 says `max`, and version 1 a number beyond all memory.
fn limit(text: &str) -> Option<u64> {
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_and_its_groups_are_read() {
        assert_eq!(machine("MemTotal:       24628552 kB\nMemFree: 1 kB\n"), Some(24_628_552 * 1024));
        assert_eq!(machine("MemTotal: much\n"), None);
        assert_eq!((limit("max\n"), limit("1073741824\n"), limit("")), (None, Some(1 << 30), None));
        let files: Vec<String> =
            groups("0::/a/b\n").into_iter().map(|file| file.display().to_string()).collect();
        let expected =
            ["/sys/fs/cgroup/a/b/memory.max", "/sys/fs/cgroup/a/memory.max", "/sys/fs/cgroup/memory.max"];
        assert_eq!(files, expected);
        let old = groups("5:cpu,memory:/docker/x\n4:cpuset:/docker/x\nnonsense\n");
        assert_eq!(old[0], Path::new("/sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes"));
        assert_eq!(old.len(), 3);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn linux_says_how_much_there_is() {
        assert!(total().is_some_and(|bytes| bytes > 1 << 20));
    }
}
