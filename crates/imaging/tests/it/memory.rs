//! What reading a file takes, counted by the allocator.
//!
//! Decoders here have no threads of their own, so what a thread allocates while
//! it reads is what reading takes.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use covergen_imaging::{Chroma, Encoding, Limits, Picture, encode, read};

use crate::builders::{ADOBE_RGB, Png, exif, iccp, rgb_profile, with_exif, with_icc};

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count(bytes: isize) {
    // A thread that is ending has nothing left to count with.
    let _ = LIVE.try_with(|live| {
        live.set(live.get() + bytes);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(live.get())));
    });
}

#[allow(unsafe_code, reason = "an allocator cannot be written without")]
// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Bytes in use at most while `work` runs, beyond what was in use before.
pub(crate) fn peak_of<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = LIVE.get();
    PEAK.set(before);
    let made = work();
    (made, usize::try_from(PEAK.get() - before).unwrap_or(0))
}

/// What the documentation promises.
fn promised(pixels: usize) -> usize {
    pixels * 12 + 8 * 1024 * 1024
}

#[track_caller]
fn assert_within(name: &str, file: &[u8], pixels: usize) {
    let limits = Limits {
        max_bytes: 32 * 1024 * 1024,
        ..Limits::default()
    };
    let (source, peak) = peak_of(|| read(file, &limits).unwrap());
    let found = source.picture.rgba().len() / 4;
    assert_eq!(found, pixels, "{name}");
    println!("{name}: {} bytes a pixel", peak as f64 / pixels as f64);
    assert!(peak <= promised(pixels), "{name} took {peak} bytes");
}

#[test]
fn twelve_megapixels_take_what_is_promised() {
    let (width, height) = (4000, 3000);
    let rgba = (0..width * height)
        .flat_map(|at| [(at % 251) as u8, (at / width) as u8, 90, 255])
        .collect();
    let picture = Picture::new(width, height, rgba).unwrap();
    let pixels = (width * height) as usize;
    let profile = rgb_profile(&ADOBE_RGB, 2.2);
    for (name, chroma, progressive) in [
        ("baseline", Chroma::Half, false),
        ("progressive", Chroma::Full, true),
    ] {
        let encoding = Encoding::Jpeg {
            quality: 60,
            chroma,
            progressive,
        };
        let file = encode(&picture, encoding).unwrap();
        let file = with_exif(&with_icc(&file, &profile), &exif(false, 6));
        assert_within(name, &file, pixels);
    }
    let webp = encode(&picture, Encoding::WebP { quality: 50 }).unwrap();
    assert_within("webp", &webp, pixels);
    for interlaced in [false, true] {
        let mut png = Png::new(width, height, 16, 6).chunk(b"iCCP", &iccp(&profile));
        png.interlaced = interlaced;
        let file = png.file(|x, y| vec![x as u16, y as u16, 7, 65_535]);
        assert_within("16-bit png", &file, pixels);
    }
}

#[test]
fn a_compression_bomb_stays_small() {
    // 300 MB of zeros behind a picture of 64 pixels, and behind its profile.
    let zeros = vec![0; 300_000_000];
    let png = Png::new(8, 8, 8, 0);
    let pixels = png.file_of(&zeros);
    assert!(pixels.len() < 2_000_000);
    let profile = Png::new(8, 8, 8, 0)
        .chunk(b"iCCP", &iccp(&zeros))
        .file(|_, _| vec![9]);
    let text = [&b"Comment\0\0"[..], &crate::builders::zlib(&zeros)].concat();
    let text = Png::new(8, 8, 8, 0)
        .chunk(b"zTXt", &text)
        .file(|_, _| vec![9]);
    drop(zeros);
    for file in [pixels, profile, text] {
        let (source, peak) = peak_of(|| read(&file, &Limits::default()).unwrap());
        assert_eq!(source.picture.width(), 8);
        assert!(peak < 8 * 1024 * 1024, "{peak} bytes");
    }
}

#[test]
fn a_refusal_takes_nothing() {
    let mut file = encode(&crate::sample(2, 2, false), Encoding::PREVIEW).unwrap();
    file[16..20].copy_from_slice(&30_000_u32.to_be_bytes());
    file[20..24].copy_from_slice(&30_000_u32.to_be_bytes());
    let screen = b"GIF89a\x30\x75\x30\x75\0\0\0\x2C\0\0\0\0\x30\x75\x30\x75\0\x02\0\x3B";
    for file in [&file[..], screen] {
        let (refused, peak) = peak_of(|| read(file, &Limits::default()).map(drop));
        assert!(refused.is_err());
        assert!(peak < 4096, "{peak} bytes");
    }
}
