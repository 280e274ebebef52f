use bytes::Bytes;
use covergen_ids::AssetId;
use covergen_imaging::FileFormat;
use covergen_objects::{Key, PutMode};
use futures::StreamExt as _;
use futures::stream;

use super::objects::variants_folder;
use super::{App, Served};
use crate::domain::{Ops, Transform, extension, format_of};
use crate::error::Error;
use crate::store;
use crate::store::entity::asset;
use crate::store::entity::object::State;

impl App {
    /// The picture behind a signed address. Whoever holds the address may see
    /// it; a variant is made when it is first asked for, and kept.
    pub(crate) async fn get_image(
        &self,
        signature: &str,
        ops: &str,
        file: &str,
    ) -> Result<Served, Error> {
        if !self.addresses.is_signed(signature, ops, file) {
            return Err(Error::ImageNotFound);
        }
        let ops = Ops::parse(ops).ok_or(Error::ImageNotFound)?;
        let (id, wanted) = file.split_once('.').ok_or(Error::ImageNotFound)?;
        let id: AssetId = id.parse().map_err(|_| Error::ImageNotFound)?;
        let asset = store::any_asset(self.store.read(), id)
            .await?
            .ok_or(Error::ImageNotFound)?;
        let stored = format_of(&asset.content_type).ok_or(Error::ImageNotFound)?;
        let output = ops.output(stored);
        if extension(output) != wanted {
            return Err(Error::ImageNotFound);
        }
        let served = match ops {
            Ops::AsStored => self.content(asset).await,
            Ops::Transform(transform) => self.variant(asset, transform, output).await,
        };
        served.map_err(|error| match error {
            Error::AssetNotFound => Error::ImageNotFound,
            error => error,
        })
    }

    async fn variant(
        &self,
        asset: asset::Model,
        transform: Transform,
        output: FileFormat,
    ) -> Result<Served, Error> {
        let key = variant_key(&asset.object_key, transform, output)?;
        if let Some(served) = self.kept(&key, output).await? {
            return Ok(served);
        }
        let _making = self.making.of(key.as_str()).lock().await;
        if let Some(served) = self.kept(&key, output).await? {
            return Ok(served);
        }
        let turn = self.pictures.turn().await?;
        let original_key = asset.object_key.clone();
        let original = self.content(asset).await?;
        let original = collect(original).await?;
        let made = self
            .pictures
            .transform(turn, original, transform, output)
            .await?;
        metrics::counter!("media_variants_made_total").increment(1);
        self.keep(&key, &original_key, made.clone(), output).await?;
        Ok(Served {
            content_type: output.media_type().to_owned(),
            body: stream::once(async move { Ok(made) }).boxed(),
        })
    }

    async fn kept(&self, key: &Key, output: FileFormat) -> Result<Option<Served>, Error> {
        match self.objects.get(key, None).await {
            Ok(object) => Ok(Some(Served {
                content_type: output.media_type().to_owned(),
                body: object.body,
            })),
            Err(covergen_objects::Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps a variant for whoever asks next, unless its original went away
    /// while it was made.
    async fn keep(
        &self,
        key: &Key,
        original: &str,
        made: Bytes,
        output: FileFormat,
    ) -> Result<(), Error> {
        let stored = self
            .objects
            .put(key, made, output.media_type(), PutMode::IfAbsent)
            .await;
        match stored {
            Ok(_) | Err(covergen_objects::Error::AlreadyExists(_)) => {}
            // It can be shown without being kept.
            Err(error) => {
                tracing::warn!(%error, "a variant could not be kept");
                return Ok(());
            }
        }
        let row = store::object(self.store.read(), original).await?;
        if row.is_some_and(|row| row.state == State::Live && row.refs > 0) {
            return Ok(());
        }
        self.objects.delete(key).await?;
        Err(Error::ImageNotFound)
    }
}

/// Where a variant is kept: named by the content it is made of and what is
/// done to it, so the same variant of the same content is made once.
fn variant_key(original: &str, transform: Transform, output: FileFormat) -> Result<Key, Error> {
    let ops = Ops::Transform(transform).to_string().replace(',', "-");
    let folder = variants_folder(original);
    Ok(Key::parse(&format!(
        "{folder}/{ops}.{}",
        extension(output)
    ))?)
}

/// A whole file; none stored is longer than an asset may be.
async fn collect(served: Served) -> Result<Bytes, Error> {
    let mut body = served.body;
    let mut all = Vec::new();
    while let Some(chunk) = body.next().await {
        all.extend_from_slice(&chunk?);
    }
    Ok(all.into())
}
