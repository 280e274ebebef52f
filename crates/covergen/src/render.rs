//! A cover without a server.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, anyhow, bail};
use covergen_chassis::Config;
use covergen_imaging::{Chroma, Encoding, PngLevel};
use covergen_render::{Brief, Catalog, Preset, Size};
use covergen_studio::{Design, Studio};

use crate::fonts;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Title, 1 to 120 characters.
    #[arg(long, required_unless_present = "list")]
    title: Option<String>,
    /// Second line.
    #[arg(long)]
    subtitle: Option<String>,
    /// Template id; see --list.
    #[arg(long, value_name = "ID", default_value = "aurora")]
    template: String,
    /// Palette of the template; its default when absent.
    #[arg(long, value_name = "ID")]
    palette: Option<String>,
    /// Preset, or WIDTHxHEIGHT in pixels.
    #[arg(long, default_value = "youtube")]
    size: String,
    /// The same seed gives the same picture.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// File to write; its ending says the format: png, jpeg or webp.
    #[arg(short, long, value_name = "FILE", required_unless_present = "list")]
    output: Option<PathBuf>,
    /// Name templates and presets, and stop.
    #[arg(long)]
    list: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Folder with the large fonts.
    #[arg(long, value_name = "DIR", env = "COVERGEN__FONTS__DIR")]
    fonts: Option<PathBuf>,
}

pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    if args.list {
        list(args.json);
        return Ok(ExitCode::SUCCESS);
    }
    // Clap has seen to both unless --list was given.
    let (Some(title), Some(output)) = (args.title, args.output) else {
        bail!("give --title and -o FILE");
    };
    let encoding = encoding(&output)?;
    let mut config = Config::default();
    config.fonts.dir = args.fonts.unwrap_or_default();
    fonts::locate(&mut config);
    let template = Catalog::builtin().get(&args.template, None)?;
    let brief = Brief {
        subtitle: args.subtitle,
        palette: args.palette,
        seed: args.seed,
        ..Brief::new(title, size(&args.size)?)
    };
    let design = Design::new(template.id, template.version, brief);
    let studio = Studio::shared(&config.fonts.dir);
    let file = studio
        .draw_here(&design, &[encoding])?
        .pop()
        .context("nothing was drawn")?;
    std::fs::write(&output, &file.bytes)
        .with_context(|| format!("cannot write {}", output.display()))?;
    if args.json {
        println!(
            "{}",
            serde_json::json!({
                "file": output,
                "width": file.width,
                "height": file.height,
                "bytes": file.bytes.len(),
                "template": design.template_id,
                "templateVersion": design.template_version,
                "seed": args.seed,
            })
        );
    } else {
        println!(
            "{}: {}x{}, {} bytes",
            output.display(),
            file.width,
            file.height,
            file.bytes.len()
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn list(json: bool) {
    if json {
        let templates: Vec<_> = Catalog::builtin()
            .templates()
            .map(|template| {
                serde_json::json!({
                    "id": template.id,
                    "name": template.name,
                    "category": template.category.slug(),
                    "version": template.version,
                    "isPremium": template.is_premium,
                    "palettes": template.palettes.iter().map(|palette| palette.id).collect::<Vec<_>>(),
                })
            })
            .collect();
        let presets: Vec<_> = Preset::ALL
            .iter()
            .map(|preset| {
                serde_json::json!({
                    "id": preset.id,
                    "name": preset.name,
                    "width": preset.size.width,
                    "height": preset.size.height,
                })
            })
            .collect();
        println!(
            "{}",
            serde_json::json!({ "templates": templates, "presets": presets })
        );
        return;
    }
    println!("Templates");
    for template in Catalog::builtin().templates() {
        println!("  {:<12} {}", template.id, template.description);
    }
    println!("Presets");
    for preset in &Preset::ALL {
        println!(
            "  {:<20} {}x{}",
            preset.id, preset.size.width, preset.size.height
        );
    }
}

pub(crate) fn size(text: &str) -> anyhow::Result<Size> {
    if let Some((width, height)) = text.split_once('x')
        && let (Ok(width), Ok(height)) = (width.parse(), height.parse())
    {
        return Ok(Size::new(width, height)?);
    }
    Ok(Preset::parse(text)?.size)
}

fn encoding(output: &Path) -> anyhow::Result<Encoding> {
    match output.extension().and_then(|extension| extension.to_str()) {
        Some("png") => Ok(Encoding::Png {
            level: PngLevel::Delivery,
        }),
        Some("jpg" | "jpeg") => Ok(Encoding::Jpeg {
            quality: 88,
            chroma: Chroma::Full,
            progressive: true,
        }),
        Some("webp") => Ok(Encoding::WebP { quality: 88 }),
        _ => Err(anyhow!(
            "{}: end the file name in .png, .jpg or .webp",
            output.display()
        )),
    }
}
