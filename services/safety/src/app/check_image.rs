use super::App;
use super::check_text::count;
use crate::domain::Verdict;
use crate::domain::pdq::Print;
use crate::error::Error;

/// A picture to look at.
pub(crate) enum Pictured {
    /// An asset of the caller's workspace.
    Asset(String),
    /// A file.
    Bytes(Vec<u8>),
}

impl App {
    /// What stands against texts and pictures together. Nothing is logged.
    pub(crate) async fn check_composite(
        &self,
        texts: Vec<String>,
        images: Vec<Pictured>,
        regions: Vec<String>,
    ) -> Result<Verdict, Error> {
        if texts.is_empty() && images.is_empty() {
            return Err(Error::invalid("texts", "a text or a picture is needed"));
        }
        let mut verdict = self.check_image(images, regions.clone()).await?;
        if !texts.is_empty() {
            let read = self.check_text(texts, regions).await?;
            (verdict.matches, verdict.shadow) = (read.matches, read.shadow);
        }
        Ok(verdict)
    }

    /// Which blocked pictures these look like. Nothing is logged.
    pub(crate) async fn check_image(
        &self,
        images: Vec<Pictured>,
        regions: Vec<String>,
    ) -> Result<Verdict, Error> {
        let mut prints = Vec::with_capacity(images.len());
        // One after another: each may be large while it is decoded.
        for image in images {
            prints.push(self.print(image).await?);
        }
        let verdict = Verdict {
            image_matches: self.rulebook.book().gallery.check(&prints, &regions),
            prints,
            ..Verdict::default()
        };
        count(&verdict);
        Ok(verdict)
    }

    /// Hashes a picture.
    pub(super) async fn print(&self, image: Pictured) -> Result<Print, Error> {
        match image {
            Pictured::Asset(id) => {
                let content = self.media.content(&id).await?;
                self.printer.print("assetId", content).await
            }
            Pictured::Bytes(bytes) => self.printer.print("data", bytes).await,
        }
    }
}
