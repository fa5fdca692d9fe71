//! Memory by the count of the allocator, so that an input that makes a decoder grow is found by the input, not by chance.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What any input may take: buffers of a fixed size.
const GROUND: usize = 2 * 1024 * 1024;

/// What each byte of an input may take.
const PER_BYTE: usize = 512;

/// Counts what Rust code holds; libFuzzer's own memory is not among it.
struct Counting {
    held: AtomicUsize,
    most: AtomicUsize,
}

#[global_allocator]
static MEMORY: Counting = Counting {
    held: AtomicUsize::new(0),
    most: AtomicUsize::new(0),
};

impl Counting {
    fn take(&self, size: usize) {
        let held = self.held.fetch_add(size, Ordering::Relaxed).wrapping_add(size);
        self.most.fetch_max(held, Ordering::Relaxed);
    }

    fn give(&self, size: usize) {
        self.held.fetch_sub(size, Ordering::Relaxed);
    }
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.take(layout.size());
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.take(layout.size());
        // SAFETY: as the caller promised.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        self.give(layout.size());
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        self.give(layout.size());
        self.take(size);
        // SAFETY: as the caller promised.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// Does `work` for an input of `input` bytes.
///
/// # Panics
/// When it held more memory at once than such an input may take.
pub fn in_bounds<T>(input: usize, work: impl FnOnce() -> T) -> T {
    let before = MEMORY.held.load(Ordering::Relaxed);
    MEMORY.most.store(before, Ordering::Relaxed);
    let done = work();
    let most = MEMORY.most.load(Ordering::Relaxed).saturating_sub(before);
    let bound = GROUND + PER_BYTE * input;
    assert!(
        most <= bound,
        "{input} bytes of input took {most} bytes of memory"
    );
    done
}
