//! A range of a file as memory: what is stored there outlives the process.
//!
//! Every block is allocated before it is mapped, so that a full disk is an error here and no signal
//! later. Nobody may shorten the file meanwhile; ours are only ever removed. A child that is forked
//! off has no part in it: there every range is empty.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::ptr::NonNull;
use std::sync::atomic::AtomicU64;

use super::forked;

/// A range of a file as memory.
#[derive(Debug)]
pub(crate) struct Mapped {
    start: NonNull<u64>,
    /// A multiple of the machine's page size.
    bytes: usize,
    process: forked::Process,
}

#[allow(unsafe_code)]
// SAFETY: the memory belongs to this value alone, whatever thread has it; it is reached through
// `&self` only as atomics.
unsafe impl Send for Mapped {}
#[allow(unsafe_code)]
// SAFETY: as above.
unsafe impl Sync for Mapped {}

impl Mapped {
    /// Maps `bytes` of `file` from `offset` on, after they were allocated; both are multiples of
    /// [`page_size`].
    ///
    /// # Errors
    /// Those of the file system, a full disk before all.
    pub(crate) fn new(file: &File, offset: u64, bytes: usize) -> io::Result<Self> {
        let too_large = || io::Error::from(io::ErrorKind::InvalidInput);
        let from = libc::off_t::try_from(offset).map_err(|_| too_large())?;
        forked::watch()?;
        allocate(file, offset, bytes)?;
        #[allow(unsafe_code)]
        // SAFETY: a new mapping that the system places where there is nothing.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                file.as_raw_fd(),
                from,
            )
        };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let Some(start) = NonNull::new(start.cast()) else {
            return Err(io::ErrorKind::AddrNotAvailable.into());
        };
        let mapped = Self {
            start,
            bytes,
            process: forked::Process::this(),
        };
        #[cfg(target_os = "linux")]
        #[allow(unsafe_code)]
        // SAFETY: the range that was mapped above. A child that still has it does not touch it either.
        unsafe {
            libc::madvise(start.as_ptr().cast(), bytes, libc::MADV_DONTFORK);
        }
        Ok(mapped)
    }

    /// How many bytes the range has.
    pub(crate) fn len(&self) -> usize {
        self.bytes
    }

    /// The range as words, which others may read at any time.
    #[inline]
    pub(crate) fn words(&self) -> &[AtomicU64] {
        if !self.process.is_this() {
            return &[];
        }
        #[allow(unsafe_code)]
        // SAFETY: the range is mapped as long as `self` lives, begins at a page and so is aligned, and
        // is reached only as atomics while `self` is shared.
        unsafe {
            std::slice::from_raw_parts(self.start.as_ptr().cast(), self.bytes / 8)
        }
    }

    /// The bytes from `from` on, for their one owner.
    #[inline]
    pub(crate) fn bytes_mut(&mut self, from: usize) -> &mut [u8] {
        if !self.process.is_this() {
            return &mut [];
        }
        #[allow(unsafe_code)]
        // SAFETY: the range is mapped as long as `self` lives, and `self` is borrowed alone. Another
        // process reads files, and maps none of ours.
        let bytes =
            unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr().cast(), self.bytes) };
        bytes.get_mut(from..).unwrap_or_default()
    }

    /// The bytes from `from` on.
    #[inline]
    pub(crate) fn bytes(&self, from: usize) -> &[u8] {
        if !self.process.is_this() {
            return &[];
        }
        #[allow(unsafe_code)]
        // SAFETY: as for `bytes_mut`; who writes words meanwhile has no such owner.
        let bytes = unsafe { std::slice::from_raw_parts(self.start.as_ptr().cast(), self.bytes) };
        bytes.get(from..).unwrap_or_default()
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // In a child the range is not there, or another's by now.
        if !self.process.is_this() {
            return;
        }
        #[allow(unsafe_code)]
        // SAFETY: the range that was mapped, which nobody borrows any more.
        unsafe {
            libc::munmap(self.start.as_ptr().cast(), self.bytes);
        }
    }
}

/// What mapped ranges are multiples of.
pub(crate) fn page_size() -> usize {
    #[allow(unsafe_code)]
    // SAFETY: asks for a constant.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).unwrap_or(4096).max(4096)
}

/// Makes the file as long as `offset + bytes`, with every block of the range on the disk.
#[cfg(target_os = "linux")]
fn allocate(file: &File, offset: u64, bytes: usize) -> io::Result<()> {
    let too_large = |_| io::Error::from(io::ErrorKind::InvalidInput);
    let from = libc::off_t::try_from(offset).map_err(too_large)?;
    let len = libc::off_t::try_from(bytes).map_err(too_large)?;
    loop {
        #[allow(unsafe_code)]
        // SAFETY: changes the file alone, which is open.
        let error = unsafe { libc::posix_fallocate(file.as_raw_fd(), from, len) };
        match error {
            0 => return Ok(()),
            libc::EINTR => {}
            libc::EOPNOTSUPP | libc::ENOSYS => return write_zeros(file, offset, bytes),
            error => return Err(io::Error::from_raw_os_error(error)),
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn allocate(file: &File, offset: u64, bytes: usize) -> io::Result<()> {
    write_zeros(file, offset, bytes)
}

/// Allocates blocks where the system has no call for it.
fn write_zeros(file: &File, offset: u64, bytes: usize) -> io::Result<()> {
    use std::os::unix::fs::FileExt;
    const ZEROS: [u8; 4096] = [0; 4096];
    let end = offset.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    for at in (offset..end).step_by(ZEROS.len()) {
        file.write_all_at(&ZEROS, at)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;

    fn file(name: &str) -> File {
        let path = std::env::temp_dir().join(format!("genai-trace-{name}-{}", std::process::id()));
        let file = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)
            .unwrap();
        std::fs::remove_file(path).unwrap();
        file
    }

    #[test]
    fn what_is_stored_is_in_the_file() {
        use std::os::unix::fs::FileExt;
        let file = file("mapped");
        let size = page_size();
        let mut mapped = Mapped::new(&file, size as u64, size).unwrap();
        mapped.words()[1].store(0x0807_0605_0403_0201_u64.to_le(), Ordering::Relaxed);
        mapped.bytes_mut(16)[..3].copy_from_slice(b"abc");
        let mut read = [0; 19];
        file.read_exact_at(&mut read, size as u64).unwrap();
        assert_eq!(&read[8..], b"\x01\x02\x03\x04\x05\x06\x07\x08abc");
        assert_eq!(file.metadata().unwrap().len(), 2 * size as u64);
    }

    #[test]
    fn blocks_can_be_allocated_by_hand() {
        let file = file("zeros");
        write_zeros(&file, 4096, 8192).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 12_288);
    }

    #[test]
    fn a_disk_without_room_is_an_error() {
        // No file system has room for so much.
        let file = file("full");
        let bytes = page_size() << 44;
        assert!(Mapped::new(&file, 0, bytes).is_err());
    }
}
