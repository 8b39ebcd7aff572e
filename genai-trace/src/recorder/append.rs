//! Short pieces of bytes, put behind one another without a call for each.

use std::mem::MaybeUninit;

/// Appends the words of `head`, `name` and `body` to `bytes`, with one look at the room that there is. Names and
/// values of attributes are mostly so short that the calls of three appends would cost more than the
/// copying.
#[inline(always)]
pub(crate) fn append<const WORDS: usize>(
    bytes: &mut Vec<u8>,
    head: [u64; WORDS],
    name: &[u8],
    body: &[u8],
) {
    let len = bytes.len();
    let more = size_of_val(&head) + name.len() + body.len();
    bytes.reserve(more);
    #[allow(unsafe_code)]
    // SAFETY: there is room for `more` bytes behind the `len` that are there, and each of them is
    // written before it counts. What is copied lies elsewhere: `bytes` is borrowed alone.
    unsafe {
        write(bytes.as_mut_ptr().add(len), head, name, body);
        bytes.set_len(len + more);
    }
}

/// Appends `more` to `bytes`, if it has room for it.
#[inline(always)]
pub(crate) fn append_within(bytes: &mut Vec<u8>, more: &[u8]) -> bool {
    let len = bytes.len();
    if more.len() > bytes.capacity() - len {
        return false;
    }
    #[allow(unsafe_code)]
    // SAFETY: there is room for `more` behind the `len` bytes that are there, and it lies elsewhere:
    // `bytes` is borrowed alone.
    unsafe {
        copy(more, bytes.as_mut_ptr().add(len));
        bytes.set_len(len + more.len());
    }
    true
}

/// A few bytes that lie where their owner lies.
#[derive(Debug)]
pub(crate) struct Few<const ROOM: usize> {
    bytes: [MaybeUninit<u8>; ROOM],
    len: usize,
}

impl<const ROOM: usize> Few<ROOM> {
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self {
            bytes: [MaybeUninit::uninit(); ROOM],
            len: 0,
        }
    }

    /// Appends the words of `head`, `name` and `body`, if there is room.
    #[inline(always)]
    pub(crate) fn append<const WORDS: usize>(
        &mut self,
        head: [u64; WORDS],
        name: &[u8],
        body: &[u8],
    ) -> bool {
        let more = size_of_val(&head) + name.len() + body.len();
        if more > ROOM - self.len {
            return false;
        }
        #[allow(unsafe_code)]
        // SAFETY: there is room for `more` bytes behind the `len` that are there, and what is copied lies
        // elsewhere: they are borrowed alone.
        unsafe {
            let place = self.bytes.as_mut_ptr().cast::<u8>().add(self.len);
            write(place, head, name, body);
        }
        self.len += more;
        true
    }

    #[inline(always)]
    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline(always)]
    pub(crate) const fn as_slice(&self) -> &[u8] {
        #[allow(unsafe_code)]
        // SAFETY: the first `len` bytes were written, and there are no more of them.
        unsafe {
            std::slice::from_raw_parts(self.bytes.as_ptr().cast(), self.len)
        }
    }
}

/// Writes `head`, `name` and `body` to `place`.
///
/// # Safety
/// `place` has room for them, and is no part of `name` or `body`.
#[inline(always)]
#[allow(unsafe_code)]
unsafe fn write<const WORDS: usize>(place: *mut u8, head: [u64; WORDS], name: &[u8], body: &[u8]) {
    let head = head.map(u64::to_le_bytes);
    // SAFETY: the caller's.
    unsafe {
        place.cast::<[[u8; 8]; WORDS]>().write(head);
        let place = place.add(size_of_val(&head));
        copy(name, place);
        copy(body, place.add(name.len()));
    }
}

/// Copies `from` to `to`: of up to 160 bytes the first and the last, which overlap.
///
/// # Safety
/// `to` has room for them, and is no part of `from`.
#[inline(always)]
#[allow(unsafe_code)]
unsafe fn copy(from: &[u8], to: *mut u8) {
    /// Copies the first and the last `N` bytes.
    #[inline(always)]
    unsafe fn ends<const N: usize>(from: &[u8], to: *mut u8) {
        if let (Some(first), Some(last)) = (from.first_chunk::<N>(), from.last_chunk::<N>()) {
            // SAFETY: the caller's, for the first and the last of the bytes.
            unsafe {
                to.cast::<[u8; N]>().write(*first);
                to.add(from.len() - N).cast::<[u8; N]>().write(*last);
            }
        }
    }
    // SAFETY: the caller's.
    unsafe {
        // The lengths that most texts and entries have are found first.
        match from.len() {
            len if len >= 16 => match len {
                16..=32 => ends::<16>(from, to),
                33..=64 => ends::<32>(from, to),
                65..=96 => ends::<48>(from, to),
                97..=160 => ends::<80>(from, to),
                len => std::ptr::copy_nonoverlapping(from.as_ptr(), to, len),
            },
            8..16 => ends::<8>(from, to),
            4..8 => ends::<4>(from, to),
            0 => {}
            _ => {
                ends::<1>(from, to);
                // The one in the middle of three.
                if let [_, middle, _] = from {
                    to.add(1).write(*middle);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_every_length_lie_behind_one_another() {
        let text: Vec<u8> = (0..=255).collect();
        for name in 0..170 {
            for body in [
                0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 200,
            ] {
                let (name, body) = (&text[..name], &text[256 - body..]);
                let mut bytes = vec![42];
                append(&mut bytes, [u64::from_le_bytes(*b"headhead")], name, body);
                append(&mut bytes, [u64::from_le_bytes(*b"HEADHEAD")], body, name);
                let wanted = [b"*headhead", name, body, b"HEADHEAD", body, name].concat();
                assert_eq!(bytes, wanted);
                let mut few = Few::<300>::new();
                let has_room = 8 + name.len() + body.len() <= 300;
                assert_eq!(
                    few.append([u64::from_le_bytes(*b"headhead")], name, body),
                    has_room
                );
                let wanted = [b"headhead", name, body].concat();
                assert_eq!(few.as_slice(), if has_room { &wanted[..] } else { &[] });
                let room = 300 - few.as_slice().len();
                assert_eq!(
                    few.append([], &text[..room.min(8)], &[]),
                    room.min(8) <= room
                );
                assert!(
                    few.as_slice()
                        .starts_with(if has_room { &wanted } else { &[] })
                );
            }
        }
    }
}
