//! Memory: lists of free pieces by size, over the standard allocator. A block makes and drops thousands of small values, most of
//! them of the same few sizes.

extern crate std;

use core::{
    alloc::{GlobalAlloc, Layout},
    cell::UnsafeCell,
    ptr::null_mut,
};
use std::alloc::System;

/// Sizes are rounded up to multiples of this, which is also the largest alignment served here.
const STEP: usize = 16;
/// Larger pieces come from the standard allocator.
const LARGEST: usize = 2048;
/// What is taken from the standard allocator at a time.
const CHUNK: usize = 64 * 1024;
const CLASSES: usize = LARGEST / STEP + 1;

struct Free {
    next: *mut Free,
}

struct Lists {
    free: [*mut Free; CLASSES],
    /// Bytes of the last chunk that nobody had yet.
    fresh: *mut u8,
    left: usize,
}

struct Heap(UnsafeCell<Lists>);

// SAFETY: WebAssembly without shared memory has one thread.
unsafe impl Sync for Heap {}

#[global_allocator]
static HEAP: Heap = Heap(UnsafeCell::new(Lists { free: [null_mut(); CLASSES], fresh: null_mut(), left: 0 }));

/// Which list serves a layout; `None`: the standard allocator does.
const fn class_of(layout: Layout) -> Option<usize> {
    if layout.size() <= LARGEST && layout.align() <= STEP { Some(layout.size().div_ceil(STEP)) } else { None }
}

impl Lists {
    /// A piece that nobody had before, of a class above zero; null when there is no memory left.
    #[cold]
    #[inline(never)]
    fn carve(&mut self, class: usize) -> *mut u8 {
        let size = class * STEP;
        if self.left < size {
            // SAFETY: the layout is not empty, and STEP is a power of two.
            self.fresh = unsafe { System.alloc(Layout::from_size_align_unchecked(CHUNK, STEP)) };
            self.left = if self.fresh.is_null() { 0 } else { CHUNK };
            if self.left == 0 {
                return null_mut();
            }
        }
        let piece = self.fresh;
        // SAFETY: the chunk has `left` bytes from here on.
        self.fresh = unsafe { piece.add(size) };
        self.left -= size;
        piece
    }
}

// SAFETY: a piece is in one list or with one owner; lists hold pieces of their class alone, which are aligned to STEP.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: there is one thread, and nothing below allocates while this reference lives.
        let lists = unsafe { &mut *self.0.get() };
        let Some(class) = class_of(layout) else {
            // SAFETY: the caller's contract.
            return unsafe { System.alloc(layout) };
        };
        let piece = lists.free[class];
        if piece.is_null() {
            return lists.carve(class.max(1));
        }
        // SAFETY: pieces in a list begin with a `Free`.
        lists.free[class] = unsafe { (*piece).next };
        piece.cast()
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let Some(class) = class_of(layout) else {
            // SAFETY: it came from there, by its layout.
            return unsafe { System.dealloc(pointer, layout) };
        };
        // SAFETY: as in `alloc`; the piece is at least as large as a `Free`.
        unsafe {
            let lists = &mut *self.0.get();
            let piece = pointer.cast::<Free>();
            piece.write(Free { next: lists.free[class] });
            lists.free[class] = piece;
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's contract: `size` is valid for this alignment.
        let next = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (class_of(layout), class_of(next)) {
            (Some(old), Some(new)) if old == new => pointer,
            // SAFETY: it came from there and stays there.
            (None, None) => unsafe { System.realloc(pointer, layout, size) },
            // SAFETY: as in the trait's own version.
            _ => unsafe {
                let moved = self.alloc(next);
                if !moved.is_null() {
                    moved.copy_from_nonoverlapping(pointer, layout.size().min(size));
                    self.dealloc(pointer, layout);
                }
                moved
            },
        }
    }
}
