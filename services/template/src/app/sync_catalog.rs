use super::App;
use crate::domain::Gallery;
use crate::error::Error;
use crate::events;
use crate::store;

impl App {
    /// Brings the tables up to a catalogue: all of it or nothing, and the same
    /// catalogue again changes nothing. Returns how many versions were new.
    pub(crate) async fn sync_catalog(&self, gallery: &Gallery) -> Result<usize, Error> {
        let tx = self.store.begin().await?;
        // The shelves are written first, always and in one order: two
        // processes that start together take turns here.
        for shelf in &gallery.shelves {
            store::save_category(&tx, shelf).await?;
        }
        let mut published = 0;
        for design in &gallery.designs {
            if store::insert_template(&tx, design).await? {
                events::published(&tx, design).await?;
                published += 1;
            }
            store::show_newest(&tx, &design.id).await?;
            store::place(&tx, design).await?;
        }
        tx.commit().await?;
        if published > 0 {
            tracing::info!(published, "templates were published");
        }
        Ok(published)
    }
}
