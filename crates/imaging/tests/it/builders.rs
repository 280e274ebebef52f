//! Files made by hand, so that the right answer is known.

/// A PNG as it is described, filter 0 on every row.
pub(crate) struct Png {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) bits: u8,
    /// 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGBA.
    pub(crate) colour: u8,
    pub(crate) interlaced: bool,
    /// Chunks before the pixels: name and content.
    pub(crate) chunks: Vec<([u8; 4], Vec<u8>)>,
}

impl Png {
    pub(crate) fn new(width: u32, height: u32, bits: u8, colour: u8) -> Self {
        Self {
            width,
            height,
            bits,
            colour,
            interlaced: false,
            chunks: Vec::new(),
        }
    }

    pub(crate) fn chunk(mut self, name: &[u8; 4], body: &[u8]) -> Self {
        self.chunks.push((*name, body.to_vec()));
        self
    }

    /// The file whose pixel at x and y has these samples.
    pub(crate) fn file(&self, samples: impl Fn(u32, u32) -> Vec<u16>) -> Vec<u8> {
        let passes: &[(u32, u32, u32, u32)] = if self.interlaced {
            &[
                (0, 8, 0, 8),
                (4, 8, 0, 8),
                (0, 4, 4, 8),
                (2, 4, 0, 4),
                (0, 2, 2, 4),
                (1, 2, 0, 2),
                (0, 1, 1, 2),
            ]
        } else {
            &[(0, 1, 0, 1)]
        };
        let mut raw = Vec::new();
        for &(left, columns, top, lines) in passes {
            if left >= self.width {
                continue;
            }
            for y in (top..self.height).step_by(lines as usize) {
                raw.push(0);
                let row = (left..self.width).step_by(columns as usize);
                self.pack(row.flat_map(|x| samples(x, y)), &mut raw);
            }
        }
        self.file_of(&raw)
    }

    fn pack(&self, samples: impl Iterator<Item = u16>, raw: &mut Vec<u8>) {
        match self.bits {
            16 => raw.extend(samples.flat_map(u16::to_be_bytes)),
            8 => raw.extend(samples.map(|sample| sample as u8)),
            bits => {
                let samples: Vec<u16> = samples.collect();
                for group in samples.chunks(8 / usize::from(bits)) {
                    let mut byte = 0_u16;
                    for (at, sample) in group.iter().enumerate() {
                        byte |= sample << (8 - usize::from(bits) * (at + 1));
                    }
                    raw.push(byte as u8);
                }
            }
        }
    }

    /// The file with these bytes, compressed, as its pixels.
    pub(crate) fn file_of(&self, raw: &[u8]) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        let mut header = Vec::new();
        header.extend_from_slice(&self.width.to_be_bytes());
        header.extend_from_slice(&self.height.to_be_bytes());
        header.extend_from_slice(&[self.bits, self.colour, 0, 0, u8::from(self.interlaced)]);
        png_chunk(&mut file, b"IHDR", &header);
        for (name, body) in &self.chunks {
            png_chunk(&mut file, name, body);
        }
        png_chunk(&mut file, b"IDAT", &zlib(raw));
        png_chunk(&mut file, b"IEND", &[]);
        file
    }
}

fn png_chunk(file: &mut Vec<u8>, name: &[u8; 4], body: &[u8]) {
    file.extend_from_slice(&(body.len() as u32).to_be_bytes());
    let start = file.len();
    file.extend_from_slice(name);
    file.extend_from_slice(body);
    let mut crc = libdeflater::Crc::new();
    crc.update(&file[start..]);
    file.extend_from_slice(&crc.sum().to_be_bytes());
}

pub(crate) fn zlib(raw: &[u8]) -> Vec<u8> {
    let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::new(6).unwrap());
    let mut packed = vec![0; compressor.zlib_compress_bound(raw.len())];
    let length = compressor.zlib_compress(raw, &mut packed).unwrap();
    packed.truncate(length);
    packed
}

/// An `iCCP` chunk's content.
pub(crate) fn iccp(profile: &[u8]) -> Vec<u8> {
    [&b"test\0\0"[..], &zlib(profile)].concat()
}

/// A JPEG with another segment right after its first marker.
pub(crate) fn with_segment(jpeg: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xFF, marker], &length, body, &jpeg[2..]].concat()
}

pub(crate) fn with_exif(jpeg: &[u8], tiff: &[u8]) -> Vec<u8> {
    with_segment(jpeg, 0xE1, &[b"Exif\0\0", tiff].concat())
}

pub(crate) fn with_icc(jpeg: &[u8], profile: &[u8]) -> Vec<u8> {
    with_segment(jpeg, 0xE2, &[b"ICC_PROFILE\0\x01\x01", profile].concat())
}

/// A TIFF block as a phone writes it: held on its side, near the Eiffel Tower.
pub(crate) fn exif(big_endian: bool, orientation: u16) -> Vec<u8> {
    Tiff {
        big_endian,
        bytes: Vec::new(),
    }
    .build(orientation)
}

struct Tiff {
    big_endian: bool,
    bytes: Vec<u8>,
}

impl Tiff {
    fn u16(&mut self, value: u16) {
        self.bytes.extend(if self.big_endian {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        });
    }

    fn u32(&mut self, value: u32) {
        self.bytes.extend(if self.big_endian {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        });
    }

    fn build(mut self, orientation: u16) -> Vec<u8> {
        self.bytes
            .extend_from_slice(if self.big_endian { b"MM" } else { b"II" });
        self.u16(42);
        self.u32(8);
        self.directory(vec![
            (0x010F, Value::Text("Lumen")),
            (0x0110, Value::Text("Lumen X\u{7}1")),
            (0x0112, Value::Short(orientation)),
            (
                0x8769,
                Value::Directory(vec![
                    (0x829A, Value::Ratios(vec![(1, 250)])),
                    (0x829D, Value::Ratios(vec![(18, 10)])),
                    (0x8827, Value::Short(400)),
                    (0x9003, Value::Text("2026:05:01 12:30:00")),
                    (0x9011, Value::Text("+02:00")),
                    (0x920A, Value::Ratios(vec![(5_100, 1_000)])),
                    (0xA434, Value::Text("Wide 24")),
                ]),
            ),
            (
                0x8825,
                Value::Directory(vec![
                    (1, Value::Text("N")),
                    (2, Value::Ratios(vec![(48, 1), (51, 1), (2_964, 100)])),
                    (3, Value::Text("E")),
                    (4, Value::Ratios(vec![(2, 1), (17, 1), (4_020, 100)])),
                    (6, Value::Ratios(vec![(357, 10)])),
                ]),
            ),
        ]);
        self.bytes
    }

    fn directory(&mut self, entries: Vec<(u16, Value)>) {
        self.u16(entries.len() as u16);
        let mut at = self.bytes.len() + entries.len() * 12 + 4;
        let mut behind = Vec::new();
        for (tag, value) in entries {
            let mut part = Self {
                big_endian: self.big_endian,
                bytes: vec![0; at],
            };
            let (kind, count) = part.value(value);
            let body = part.bytes.split_off(at);
            self.u16(tag);
            self.u16(kind);
            self.u32(count);
            if body.len() <= 4 && kind != 4 {
                let mut inline = body;
                inline.resize(4, 0);
                self.bytes.extend(inline);
            } else {
                self.u32(at as u32);
                at += body.len();
                behind.extend(body);
            }
        }
        self.u32(0);
        self.bytes.extend(behind);
    }

    fn value(&mut self, value: Value) -> (u16, u32) {
        match value {
            Value::Text(text) => {
                self.bytes.extend_from_slice(text.as_bytes());
                self.bytes.push(0);
                (2, text.len() as u32 + 1)
            }
            Value::Short(number) => {
                self.u16(number);
                (3, 1)
            }
            Value::Ratios(ratios) => {
                let count = ratios.len() as u32;
                for (over, under) in ratios {
                    self.u32(over);
                    self.u32(under);
                }
                (5, count)
            }
            Value::Directory(entries) => {
                self.directory(entries);
                (4, 1)
            }
        }
    }
}

enum Value {
    Text(&'static str),
    Short(u16),
    Ratios(Vec<(u32, u32)>),
    Directory(Vec<(u16, Value)>),
}

/// Columns of a matrix from linear RGB to XYZ under D50.
pub(crate) type Primaries = [[f64; 3]; 3];

/// Adobe RGB (1998), adapted to D50 (Bradford).
pub(crate) const ADOBE_RGB: Primaries = [
    [0.609_755_9, 0.311_124_2, 0.019_481_1],
    [0.205_240_1, 0.625_656_0, 0.060_890_2],
    [0.149_224_0, 0.063_219_7, 0.744_838_7],
];

/// A display profile of three primaries and one gamma.
pub(crate) fn rgb_profile(primaries: &Primaries, gamma: f64) -> Vec<u8> {
    let xyz = |values: &[f64; 3]| {
        let numbers = values
            .iter()
            .flat_map(|v| ((v * 65_536.0).round() as i32).to_be_bytes());
        [b"XYZ \0\0\0\0".to_vec(), numbers.collect()].concat()
    };
    profile(
        *b"RGB ",
        &[
            (*b"wtpt", xyz(&[0.9642, 1.0, 0.8249])),
            (*b"rXYZ", xyz(&primaries[0])),
            (*b"gXYZ", xyz(&primaries[1])),
            (*b"bXYZ", xyz(&primaries[2])),
            (*b"rTRC", curve(gamma)),
            (*b"gTRC", curve(gamma)),
            (*b"bTRC", curve(gamma)),
        ],
    )
}

/// A profile of lightness alone.
pub(crate) fn gray_profile(gamma: f64) -> Vec<u8> {
    profile(*b"GRAY", &[(*b"kTRC", curve(gamma))])
}

fn curve(gamma: f64) -> Vec<u8> {
    let gamma = ((gamma * 256.0).round() as u16).to_be_bytes();
    [&b"curv\0\0\0\0\0\0\0\x01"[..], &gamma, &[0, 0]].concat()
}

fn profile(space: [u8; 4], tags: &[([u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut table = (tags.len() as u32).to_be_bytes().to_vec();
    let mut data = Vec::new();
    let first = 128 + 4 + 12 * tags.len();
    for (name, body) in tags {
        table.extend_from_slice(name);
        table.extend_from_slice(&((first + data.len()) as u32).to_be_bytes());
        table.extend_from_slice(&(body.len() as u32).to_be_bytes());
        data.extend_from_slice(body);
    }
    let total = (first + data.len()) as u32;
    let mut head = vec![0; 128];
    head[..4].copy_from_slice(&total.to_be_bytes());
    head[8..12].copy_from_slice(&[2, 0x20, 0, 0]);
    head[12..16].copy_from_slice(b"mntr");
    head[16..20].copy_from_slice(&space);
    head[20..24].copy_from_slice(b"XYZ ");
    head[36..40].copy_from_slice(b"acsp");
    for (at, value) in [(68, 0.9642), (72, 1.0), (76, 0.8249)] {
        let fixed = (f64::from(value as f32) * 65_536.0).round() as i32;
        head[at..at + 4].copy_from_slice(&fixed.to_be_bytes());
    }
    [head, table, data].concat()
}

/// What a colour of such a profile is in sRGB, by the formulas alone.
pub(crate) fn srgb_of(primaries: &Primaries, gamma: f64, colour: [f64; 3]) -> [f64; 3] {
    let linear = colour.map(|value| value.powf(gamma));
    let xyz: [f64; 3] =
        std::array::from_fn(|row| (0..3).map(|at| primaries[at][row] * linear[at]).sum());
    // The inverse of sRGB's matrix under D50 (Bradford).
    let inverse = [
        [3.133_856_1, -1.616_866_7, -0.490_614_6],
        [-0.978_768_4, 1.916_141_5, 0.033_454_0],
        [0.071_945_3, -0.228_991_4, 1.405_242_7],
    ];
    inverse.map(|row| {
        let linear: f64 = row
            .iter()
            .zip(xyz)
            .map(|(factor, value)| factor * value)
            .sum();
        encoded(linear)
    })
}

/// sRGB's transfer curve, 0 to 255.
pub(crate) fn encoded(linear: f64) -> f64 {
    let linear = linear.clamp(0.0, 1.0);
    255.0
        * if linear <= 0.003_130_8 {
            12.92 * linear
        } else {
            1.055 * linear.powf(1.0 / 2.4) - 0.055
        }
}
