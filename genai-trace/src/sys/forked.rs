//! Files that a child that is forked off must leave alone: it would hold on to their locks after its
//! parent has died.

use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::sync::atomic::{AtomicI32, Ordering};

pub(crate) use super::fork::{Process, watch};

/// Most files that a process keeps from its children.
pub(crate) const MOST_UNSHARED: usize = 256;

/// Files that belong to this process alone; -1 where there is none.
static FILES: [AtomicI32; MOST_UNSHARED] = [const { AtomicI32::new(-1) }; MOST_UNSHARED];

/// Lets go of all such files.
pub(super) fn let_go_of_files() {
    for file in &FILES {
        let file = file.swap(-1, Ordering::Relaxed);
        if file >= 0 {
            let_go(file);
        }
    }
}

/// Puts nothing in the file's place. It is not closed, because its owner in the child would close
/// it again, and then perhaps another's.
fn let_go(file: RawFd) {
    #[allow(unsafe_code)]
    // SAFETY: system calls on numbers of files; those that a child may make.
    unsafe {
        let nothing = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR | libc::O_CLOEXEC);
        if nothing >= 0 {
            if libc::dup2(nothing, file) == file {
                libc::fcntl(file, libc::F_SETFD, libc::FD_CLOEXEC);
            }
            libc::close(nothing);
        }
    }
}

/// Keeps a file from the children of this process, as long as it lives.
#[derive(Debug)]
pub(crate) struct Unshared(&'static AtomicI32, RawFd);

impl Unshared {
    /// Keeps `file` from the children; none where there are [`MOST_UNSHARED`] such files already.
    pub(crate) fn new(file: BorrowedFd<'_>) -> Option<Self> {
        let file = file.as_raw_fd();
        let take = |place: &&'static AtomicI32| {
            let taken = place.compare_exchange(-1, file, Ordering::Relaxed, Ordering::Relaxed);
            taken.is_ok()
        };
        FILES.iter().find(take).map(|place| Self(place, file))
    }
}

impl Drop for Unshared {
    fn drop(&mut self) {
        // In a child it is gone already.
        let _ = self
            .0
            .compare_exchange(self.1, -1, Ordering::Relaxed, Ordering::Relaxed);
    }
}
