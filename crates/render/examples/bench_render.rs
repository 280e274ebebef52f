//! CPU milliseconds per 1280×720 cover, as one JSON object a line:
//! `cargo run --release -p covergen-render --example bench_render -- [ROUNDS] [TEMPLATE]`.
//!
//! `case` is a template or `all`; `render` is pixels alone, `preview` and
//! `delivery` include the quick and the small PNG. Every cover has another
//! title and another seed, so nothing is measured twice from a cache.

use std::{env, fs};

use covergen_imaging::{Encoding, Picture, PngLevel, encode};
use covergen_render::{Brief, Catalog, Fonts, Preset, Renderer, Template};

const TITLES: [&str; 6] = [
    "How we cut our build times by 80%",
    "Ten habits of highly readable code",
    "Designing for trust",
    "What nobody tells you about moving to another country",
    "Focus",
    "A practical guide to better sleep in thirty days",
];

/// Means over the rounds: CPU milliseconds and file sizes.
#[derive(Clone, Copy, Default)]
struct Means {
    render: f64,
    preview: f64,
    delivery: f64,
    preview_bytes: f64,
    delivery_bytes: f64,
}

impl Means {
    fn add(&mut self, other: Self, weight: f64) {
        self.render += other.render * weight;
        self.preview += other.preview * weight;
        self.delivery += other.delivery * weight;
        self.preview_bytes += other.preview_bytes * weight;
        self.delivery_bytes += other.delivery_bytes * weight;
    }

    fn print(&self, case: &str) {
        println!(
            "{{\"bench\":\"render\",\"case\":\"{case}\",\"renderCpuMs\":{:.3},\"previewCpuMs\":{:.3},\"deliveryCpuMs\":{:.3},\"previewBytes\":{:.0},\"deliveryBytes\":{:.0}}}",
            self.render, self.preview, self.delivery, self.preview_bytes, self.delivery_bytes
        );
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rounds: u64 = env::args().nth(1).map_or(Ok(40), |text| text.parse())?;
    let fonts = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/fonts/fetched");
    let renderer = Renderer::new(Fonts::new(fonts));
    let wanted = env::args().nth(2);
    let templates: Vec<&Template> = Catalog::builtin()
        .templates()
        .filter(|template| wanted.as_ref().is_none_or(|id| id == template.id))
        .collect();
    let share = 1.0 / templates.len() as f64;
    let mut all = Means::default();
    for template in templates {
        let means = measure(&renderer, template, rounds)?;
        means.print(template.id);
        all.add(means, share);
    }
    all.print("all");
    Ok(())
}

fn measure(
    renderer: &Renderer,
    template: &Template,
    rounds: u64,
) -> Result<Means, Box<dyn std::error::Error>> {
    let size = Preset::parse("youtube")?.size;
    let brief = |round: u64| Brief {
        subtitle: Some("A field report from a team of nine".to_owned()),
        seed: round,
        ..Brief::new(TITLES[round as usize % TITLES.len()], size)
    };
    for round in 0..3 {
        renderer.render(&template.scene(&brief(round))?)?;
    }
    let mut means = Means::default();
    for round in 0..rounds {
        let start = cpu_ms()?;
        let cover = renderer.render(&template.scene(&brief(round))?)?.picture;
        let drawn = cpu_ms()?;
        let picture = Picture::new(cover.width, cover.height, cover.rgba)?;
        let preview = encode(&picture, Encoding::PREVIEW)?.len();
        let written = cpu_ms()?;
        let level = PngLevel::Delivery;
        let delivery = encode(&picture, Encoding::Png { level })?.len();
        let delivered = cpu_ms()?;
        let one = Means {
            render: drawn - start,
            preview: written - start,
            delivery: (drawn - start) + (delivered - written),
            preview_bytes: preview as f64,
            delivery_bytes: delivery as f64,
        };
        means.add(one, 1.0 / rounds as f64);
    }
    Ok(means)
}

/// CPU time of this thread, from the kernel's scheduler, in milliseconds.
fn cpu_ms() -> Result<f64, Box<dyn std::error::Error>> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = text
        .split_whitespace()
        .next()
        .ok_or("empty schedstat")?
        .parse()?;
    Ok(nanoseconds / 1e6)
}
