//! What kind of file system a path lies on.

use std::io;
use std::path::Path;

/// The name of the network file system that `path` lies on; `None` for a local one and where the
/// operating system does not tell.
///
/// # Errors
/// What the operating system says, for example that there is no such path.
pub fn network_file_system(path: &Path) -> io::Result<Option<&'static str>> {
    #[cfg(target_os = "linux")]
    {
        let magic = rustix::fs::statfs(path)?.f_type;
        // The type of the field differs between architectures; the magics are 32 bits wide.
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "only the low 32 bits carry the magic"
        )]
        let magic = magic as u32;
        Ok(NETWORK_MAGICS
            .iter()
            .find(|(known, _)| *known == magic)
            .map(|(_, name)| *name))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = path;
        Ok(None)
    }
}

#[cfg(target_os = "linux")]
const NETWORK_MAGICS: [(u32, &str); 10] = [
    (0x0000_6969, "NFS"),
    (0x0000_517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB2"),
    (0x0102_1997, "9p"),
    (0x00c3_6400, "Ceph"),
    (0x5346_414f, "AFS"),
    (0x0bd0_0bd0, "Lustre"),
    (0x4750_4653, "GPFS"),
    (0x7375_7245, "Coda"),
];
