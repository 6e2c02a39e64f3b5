//! Hints to the processor about memory that is needed soon.
#![allow(unsafe_code)]

/// Bytes of a cache line.
const LINE: usize = 64;

/// Asks for the first `lines` cache lines of `bytes` (no more than there are) to be brought close.
#[inline(always)]
pub fn prefetch(bytes: &[u8], lines: usize) {
    for offset in (0..bytes.len()).step_by(LINE).take(lines) {
        prefetch_line(bytes.as_ptr().wrapping_add(offset));
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn prefetch_line(line: *const u8) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: a prefetch reads nothing and faults nowhere; SSE is part of x86-64.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(line.cast()) }
}

#[cfg(target_arch = "aarch64")]
#[inline(always)]
fn prefetch_line(line: *const u8) {
    // SAFETY: a prefetch reads nothing that a program could see and faults nowhere.
    unsafe {
        std::arch::asm!("prfm pldl1keep, [{}]", in(reg) line, options(nostack, preserves_flags, readonly))
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
#[inline(always)]
fn prefetch_line(_: *const u8) {}
