//! A quick deflate for filtered rows (RFC 1950 and RFC 1951).
//!
//! Rows that were drawn are mostly zeros once they are filtered. So nothing is
//! searched: bytes are written as literals and runs of zeros as matches with the
//! byte before. The code is made for the picture, from a sample of its rows, and
//! then every row is written as soon as it is filtered.

use super::huffman;

const SYMBOLS: usize = 286;
const END: usize = 256;
const MAX_MATCH: usize = 258;
/// A longer run of zeros is not written byte by byte.
const MAX_LITERALS: usize = 4;

/// First match length and extra bits of every length symbol from 257 on.
const LENGTHS: [(u16, u8); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];

/// How often every symbol comes.
pub(super) struct Histogram {
    counts: [u32; SYMBOLS],
}

impl Histogram {
    pub(super) fn new() -> Self {
        Self {
            counts: [0; SYMBOLS],
        }
    }

    pub(super) fn add(&mut self, line: &[u8]) {
        tokens(line, self);
    }
}

/// What a row is taken apart into.
trait Sink {
    fn literals(&mut self, bytes: &[u8]);
    /// Zeros, one or more.
    fn zeros(&mut self, count: usize);
}

impl Sink for Histogram {
    fn literals(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.counts[usize::from(byte)] += 1;
        }
    }

    fn zeros(&mut self, count: usize) {
        if count <= MAX_LITERALS {
            self.counts[0] += count as u32;
            return;
        }
        self.counts[0] += 1;
        let mut rest = count - 1;
        while rest > 0 {
            let length = rest.min(MAX_MATCH);
            if length < 3 {
                self.counts[0] += length as u32;
            } else {
                self.counts[257 + length_symbol(length)] += 1;
            }
            rest -= length;
        }
    }
}

fn length_symbol(length: usize) -> usize {
    LENGTHS.partition_point(|&(first, _)| usize::from(first) <= length) - 1
}

/// Takes a row apart, eight bytes at a time.
#[inline(always)]
fn tokens(line: &[u8], sink: &mut impl Sink) {
    let (words, rest) = line.as_chunks::<8>();
    let mut run = 0;
    for word in words {
        let bits = u64::from_le_bytes(*word);
        if bits == 0 {
            run += 8;
            continue;
        }
        let head = bits.trailing_zeros() as usize / 8;
        let tail = bits.leading_zeros() as usize / 8;
        if run + head > 0 {
            sink.zeros(run + head);
        }
        sink.literals(&word[head..8 - tail]);
        run = tail;
    }
    if run > 0 {
        sink.zeros(run);
    }
    sink.literals(rest);
}

/// Bits and how many they are.
#[derive(Clone, Copy, Default)]
struct Code {
    bits: u32,
    count: u32,
}

/// A zlib stream of one block.
pub(super) struct Deflater<'a> {
    out: &'a mut Vec<u8>,
    literals: [Code; 256],
    end: Code,
    /// Runs of up to this many zeros are one entry.
    runs: [Code; MAX_MATCH + 2],
    /// 258 zeros after a zero.
    longest: Code,
    waiting: u64,
    count: u32,
    line: Vec<u8>,
    at: usize,
    sum: libdeflater::Adler32,
}

impl<'a> Deflater<'a> {
    /// Begins a stream whose code suits the histogram.
    pub(super) fn new(out: &'a mut Vec<u8>, histogram: &Histogram) -> Self {
        let mut counts = histogram.counts;
        counts[END] = 1;
        let lengths = huffman::lengths(&counts);
        let codes = huffman::codes(&lengths);
        let code = |symbol: usize| Code {
            bits: codes[symbol],
            count: u32::from(lengths[symbol]),
        };
        // The distance is always one, whose code is a single 0.
        let zeros_again = |length: usize| {
            let symbol = length_symbol(length);
            let (first, extra) = LENGTHS[symbol];
            let code = code(257 + symbol);
            let rest = (length - usize::from(first)) as u32;
            Code {
                bits: code.bits | rest << code.count,
                count: code.count + u32::from(extra) + 1,
            }
        };
        let zero = code(0);
        let runs = std::array::from_fn(|run| match run {
            0 => Code::default(),
            1 => zero,
            2..=MAX_LITERALS => Code::default(),
            _ => {
                let again = zeros_again(run - 1);
                Code {
                    bits: zero.bits | again.bits << zero.count,
                    count: zero.count + again.count,
                }
            }
        });
        let mut deflater = Self {
            literals: std::array::from_fn(code),
            end: code(END),
            runs,
            longest: zeros_again(MAX_MATCH),
            waiting: 0,
            count: 0,
            line: Vec::new(),
            at: 0,
            sum: libdeflater::Adler32::new(),
            out,
        };
        deflater.header(&lengths);
        deflater
    }

    /// The zlib header, and that of a last block with codes of its own.
    fn header(&mut self, lengths: &[u8]) {
        self.out.extend_from_slice(&[0x78, 0x01]);
        self.line.resize(512, 0);
        let put = |this: &mut Self, bits: u32, count: u32| {
            this.put(Code { bits, count });
            this.flush();
        };
        put(self, 0b101, 3);
        put(self, SYMBOLS as u32 - 257, 5);
        // Two distances, the second of which is never used: a lone code is one
        // that decoders disagree about.
        put(self, 1, 5);
        // Code lengths 0 to 15 are four bits each, themselves turned round; of
        // the three ways to repeat one, none is used.
        put(self, 19 - 4, 4);
        for order in 0..19 {
            put(self, if order < 3 { 0 } else { 4 }, 3);
        }
        for &length in lengths.iter().chain(&[1, 1]) {
            put(self, u32::from(length).reverse_bits() >> 28, 4);
        }
        self.end_line();
    }

    /// Writes a row.
    pub(super) fn row(&mut self, line: &[u8]) {
        self.sum.update(line);
        // No byte takes more than its code, and none is flushed by less than a
        // word.
        self.line.resize(line.len() * huffman::MAX_BITS / 8 + 64, 0);
        tokens(line, self);
        self.end_line();
    }

    /// Ends the stream.
    pub(super) fn finish(mut self) {
        self.put(self.end);
        self.flush();
        // What is left of the last byte stays zero.
        self.count = self.count.next_multiple_of(8);
        self.flush();
        self.end_line();
        self.out.extend_from_slice(&self.sum.sum().to_be_bytes());
    }

    /// Adds bits to those that wait: no more than 56 between two flushes.
    #[inline(always)]
    fn put(&mut self, code: Code) {
        self.waiting |= u64::from(code.bits) << self.count;
        self.count += code.count;
    }

    /// Writes whole bytes; fewer than eight bits wait afterwards.
    #[inline(always)]
    fn flush(&mut self) {
        self.line[self.at..self.at + 8].copy_from_slice(&self.waiting.to_le_bytes());
        self.at += (self.count / 8) as usize;
        self.waiting >>= self.count & !7;
        self.count &= 7;
    }

    fn end_line(&mut self) {
        self.out.extend_from_slice(&self.line[..self.at]);
        self.at = 0;
    }
}

impl Sink for Deflater<'_> {
    #[inline(always)]
    fn literals(&mut self, bytes: &[u8]) {
        for four in bytes.chunks(4) {
            for &byte in four {
                self.put(self.literals[usize::from(byte)]);
            }
            self.flush();
        }
    }

    #[inline(always)]
    fn zeros(&mut self, count: usize) {
        let mut count = count;
        if count > MAX_MATCH + 1 {
            self.put(self.runs[1]);
            count -= 1;
            while count > MAX_MATCH {
                self.put(self.longest);
                self.flush();
                count -= MAX_MATCH;
            }
            // The rest begins again with a literal of its own.
        }
        if count <= MAX_LITERALS {
            for _ in 0..count {
                self.put(self.runs[1]);
            }
        } else {
            self.put(self.runs[count]);
        }
        self.flush();
    }
}
