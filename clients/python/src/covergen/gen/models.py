"""What calls take and return. Generated from the OpenAPI document; not to be edited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from covergen import _wire as wire

__all__ = [
    "BatchItem",
    "Bulk",
    "BulkRow",
    "BulkRowResult",
    "BulkRowResultState",
    "BulkStatus",
    "Category",
    "Choice",
    "CompressionMode",
    "Cover",
    "CoverTask",
    "CoverTaskStatus",
    "DeleteCoverResponse",
    "DesignOptions",
    "Export",
    "ExportError",
    "ExportFile",
    "ExportKind",
    "ExportStatus",
    "GenerateResponse",
    "GenerationEvent",
    "GenerationEventKind",
    "Image",
    "ImageFacts",
    "ImageMatch",
    "ImageSource",
    "Jwk",
    "Jwks",
    "ListBulkRowsResponse",
    "ListBulksResponse",
    "ListCategoriesResponse",
    "ListCoversResponse",
    "ListHistoryResponse",
    "ListPresetsResponse",
    "ListTasksRequestState",
    "ListTasksResponse",
    "ListTemplatesResponse",
    "ListWebhookDeliveriesResponse",
    "ListWebhooksResponse",
    "Match",
    "NewWebhook",
    "Palette",
    "Photo",
    "PhotoStyle",
    "PhotoTreatment",
    "PrepareResponse",
    "Preset",
    "ReplayWebhookDeliveriesResponse",
    "Size",
    "Slot",
    "SlotKind",
    "SuggestPalettesResponse",
    "SuggestTitlesResponse",
    "SuggestedPalette",
    "SuggestedTitle",
    "TaskError",
    "Template",
    "TemplateDesign",
    "TurnKind",
    "Verdict",
    "Webhook",
    "WebhookDelivery",
    "WebhookDeliveryStatus",
    "WebhookProblem",
]


@dataclass(slots=True, kw_only=True)
class BatchItem(wire.Model):
    """BatchItem describes one file of an archive."""

    cover_id: str = wire.member("coverId", wire.STRING)
    """Cover."""

    preset: str | None = wire.optional("preset", wire.STRING)
    """Preset name; or give width and height."""

    width: int | None = wire.optional("width", wire.INTEGER)
    """Width in pixels, 64 to 4096."""

    height: int | None = wire.optional("height", wire.INTEGER)
    """Height in pixels, 64 to 4096."""

    format: str | None = wire.optional("format", wire.STRING)
    """`png`, `jpeg` or `webp`; empty means `png`."""

    quality: int | None = wire.optional("quality", wire.INTEGER)
    """1 to 100, for JPEG and WebP; 0 means 85."""

    max_bytes: int | None = wire.optional("maxBytes", wire.INTEGER)
    """Largest file in bytes; 0 means no bound."""

    compression: CompressionMode | None = (
        wire.optional("compression", wire.choice(lambda: CompressionMode))
    )
    """What the file may lose."""

    fit_preset: bool | None = wire.optional("fitPreset", wire.BOOLEAN)
    """The file keeps to what the preset's platform takes."""

    name: str | None = wire.optional("name", wire.STRING)
    """Name in the archive without its extension; empty means one made of the title and the size.
    Equal names are told apart by a number."""


@dataclass(slots=True, kw_only=True)
class Bulk(wire.Model):
    """Bulk is a set of rows and how far they are."""

    bulk_id: str = wire.member("bulkId", wire.STRING)
    """Bulk id."""

    status: BulkStatus = wire.member("status", wire.choice(lambda: BulkStatus))
    """Status."""

    progress_percent: int = wire.member("progressPercent", wire.INTEGER)
    """0 to 100: rows that have ended."""

    name: str = wire.member("name", wire.STRING)
    """Name shown to people."""

    total_rows: int = wire.member("totalRows", wire.INTEGER)
    """Rows in all."""

    pending_rows: int = wire.member("pendingRows", wire.INTEGER)
    """Rows that wait."""

    running_rows: int = wire.member("runningRows", wire.INTEGER)
    """Rows at work."""

    succeeded_rows: int = wire.member("succeededRows", wire.INTEGER)
    """Rows with a cover."""

    failed_rows: int = wire.member("failedRows", wire.INTEGER)
    """Rows without one."""

    cancelled_rows: int = wire.member("cancelledRows", wire.INTEGER)
    """Rows that were stopped."""

    version: int = wire.member("version", wire.INT64)
    """Rises with every change."""

    create_time: datetime | None = wire.optional("createTime", wire.TIME)
    """When it was asked for."""

    end_time: datetime | None = wire.optional("endTime", wire.TIME)
    """When it ended."""


class BulkStatus(wire.OpenEnum):
    """Values of BulkStatus."""

    STATUS_UNSPECIFIED = "STATUS_UNSPECIFIED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(slots=True, kw_only=True)
class BulkRow(wire.Model):
    """BulkRow is one cover of a bulk.

    Its fields have the bounds of GenerateRequest; up to 100 violations are listed, each with its
    row.
    """

    title: str | None = wire.optional("title", wire.STRING)
    """Title."""

    subtitle: str | None = wire.optional("subtitle", wire.STRING)
    """Second line."""

    kicker: str | None = wire.optional("kicker", wire.STRING)
    """A short line above the title."""

    template_id: str | None = wire.optional("templateId", wire.STRING)
    """Template."""

    palette_id: str | None = wire.optional("paletteId", wire.STRING)
    """Palette of the template."""

    seed: int | None = wire.optional("seed", wire.INT64)
    """Seed; absent means one that stays the same for the row."""

    colors: list[str] | None = wire.optional("colors", wire.array(wire.STRING))
    """Colours as #RRGGBB."""

    font: str | None = wire.optional("font", wire.STRING)
    """Typeface of the title."""

    sizes: list[Size] | None = wire.optional("sizes", wire.array(wire.model(lambda: Size)))
    """Sizes."""

    reference: str | None = wire.optional("reference", wire.STRING)
    """The caller's own name for the row, such as a product number; at most 120 characters."""


@dataclass(slots=True, kw_only=True)
class BulkRowResult(wire.Model):
    """BulkRowResult is a row and what became of it."""

    row_number: int = wire.member("rowNumber", wire.INTEGER)
    """Number of the row, from 1."""

    state: BulkRowResultState = wire.member("state", wire.choice(lambda: BulkRowResultState))
    """State."""

    row: BulkRow | None = wire.optional("row", wire.model(lambda: BulkRow))
    """The row as it was given."""

    task_id: str = wire.member("taskId", wire.STRING)
    """Task that makes it, once there is one."""

    covers: list[Cover] = wire.member("covers", wire.array(wire.model(lambda: Cover)))
    """Its covers, unless they were deleted."""

    error: TaskError | None = wire.optional("error", wire.model(lambda: TaskError))
    """Why it has none."""

    attempt: int = wire.member("attempt", wire.INTEGER)
    """Tries so far, from 1; a retry by hand counts one more."""


class BulkRowResultState(wire.OpenEnum):
    """Values of BulkRowResultState."""

    STATE_UNSPECIFIED = "STATE_UNSPECIFIED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(slots=True, kw_only=True)
class Category(wire.Model):
    """Category groups templates."""

    id: str = wire.member("id", wire.STRING)
    """Slug."""

    name: str = wire.member("name", wire.STRING)
    """Name shown to people."""

    template_count: int = wire.member("templateCount", wire.INTEGER)
    """Templates in it."""


@dataclass(slots=True, kw_only=True)
class Choice(wire.Model):
    """Choice is one value of a CHOICE."""

    id: str = wire.member("id", wire.STRING)
    """Value."""

    name: str = wire.member("name", wire.STRING)
    """Name shown to people."""


class CompressionMode(wire.OpenEnum):
    """Values of CompressionMode."""

    MODE_UNSPECIFIED = "MODE_UNSPECIFIED"
    LOSSLESS = "LOSSLESS"
    SMALL = "SMALL"


@dataclass(slots=True, kw_only=True)
class Cover(wire.Model):
    """Cover is one finished design in all its sizes and formats."""

    id: str = wire.member("id", wire.STRING)
    """Cover id."""

    variant: int = wire.member("variant", wire.INTEGER)
    """Which of the request's variants it is, from 1."""

    images: list[Image] = wire.member("images", wire.array(wire.model(lambda: Image)))
    """Pictures, in the order of the request's sizes and formats."""

    title: str = wire.member("title", wire.STRING)
    """Title it bears."""

    subtitle: str = wire.member("subtitle", wire.STRING)
    """Second line."""

    template_id: str = wire.member("templateId", wire.STRING)
    """Template."""

    template_version: int = wire.member("templateVersion", wire.INTEGER)
    """Version of the template."""

    palette_id: str = wire.member("paletteId", wire.STRING)
    """Palette."""

    seed: int = wire.member("seed", wire.INT64)
    """Seed."""

    task_id: str = wire.member("taskId", wire.STRING)
    """Task that made it."""

    watermarked: bool = wire.member("watermarked", wire.BOOLEAN)
    """Whether it bears the mark of the free tier."""

    create_time: datetime | None = wire.optional("createTime", wire.TIME)
    """When it was finished."""

    favorite: bool = wire.member("favorite", wire.BOOLEAN)
    """Whether its owner marked it as a favourite."""

    colors: list[str] = wire.member("colors", wire.array(wire.STRING))
    """Colours it was asked for with, in place of the palette."""

    font: str = wire.member("font", wire.STRING)
    """Typeface it was asked for with."""

    kicker: str = wire.member("kicker", wire.STRING)
    """Line above the title."""

    photo: Photo | None = wire.optional("photo", wire.model(lambda: Photo))
    """Photo it was made with."""

    brand_kit_id: str = wire.member("brandKitId", wire.STRING)
    """Brand kit it was made with."""

    provider: str = wire.member("provider", wire.STRING)
    """What painted it: `local` or a provider's name."""

    cost_units: int = wire.member("costUnits", wire.INTEGER)
    """Units it cost."""

    source_cover_id: str = wire.member("sourceCoverId", wire.STRING)
    """Cover that it was made again from, if it was."""

    bulk_id: str = wire.member("bulkId", wire.STRING)
    """Bulk that it belongs to, if it does."""

    main_asset_id: str = wire.member("mainAssetId", wire.STRING)
    """Asset of its first picture: what a list shows."""


@dataclass(slots=True, kw_only=True)
class CoverTask(wire.Model):
    """CoverTask is a generation request and what became of it."""

    task_id: str = wire.member("taskId", wire.STRING)
    """Task id."""

    status: CoverTaskStatus = wire.member("status", wire.choice(lambda: CoverTaskStatus))
    """Status."""

    progress_percent: int = wire.member("progressPercent", wire.INTEGER)
    """0 to 100, never falling."""

    covers: list[Cover] = wire.member("covers", wire.array(wire.model(lambda: Cover)))
    """Covers, once it has succeeded."""

    error: TaskError | None = wire.optional("error", wire.model(lambda: TaskError))
    """Why it failed or was cancelled."""

    stage: str = wire.member("stage", wire.STRING)
    """What is being done, as a slug."""

    version: int = wire.member("version", wire.INT64)
    """Rises with every change."""

    create_time: datetime | None = wire.optional("createTime", wire.TIME)
    """When it was asked for."""

    cost_units: int = wire.member("costUnits", wire.INTEGER)
    """Units it costs, and has cost once it has succeeded."""

    retry_count: int = wire.member("retryCount", wire.INTEGER)
    """How often work on it began anew."""

    provider: str = wire.member("provider", wire.STRING)
    """What painted it: `local` or a provider's name; empty until it has."""

    seed: int = wire.member("seed", wire.INT64)
    """Seed of its first variant."""

    source_cover_id: str = wire.member("sourceCoverId", wire.STRING)
    """Cover that it makes again, if it does."""

    bulk_id: str = wire.member("bulkId", wire.STRING)
    """Bulk that it belongs to, if it does."""

    end_time: datetime | None = wire.optional("endTime", wire.TIME)
    """When it ended."""

    title: str = wire.member("title", wire.STRING)
    """Title that was asked for."""

    template_id: str = wire.member("templateId", wire.STRING)
    """Template that was chosen."""

    sizes: list[Size] = wire.member("sizes", wire.array(wire.model(lambda: Size)))
    """Sizes in their order: width and height in pixels, and the preset, if any."""


class CoverTaskStatus(wire.OpenEnum):
    """Values of CoverTaskStatus."""

    STATUS_UNSPECIFIED = "STATUS_UNSPECIFIED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(slots=True, kw_only=True)
class DeleteCoverResponse(wire.Model):
    """DeleteCoverResponse names what is gone."""

    cover_id: str = wire.member("coverId", wire.STRING)
    """Cover id."""


@dataclass(slots=True, kw_only=True)
class DesignOptions(wire.Model):
    """DesignOptions is what designs can be made of."""

    fonts: list[Choice] = wire.member("fonts", wire.array(wire.model(lambda: Choice)))
    """Heading typefaces."""

    backgrounds: list[Choice] = wire.member("backgrounds", wire.array(wire.model(lambda: Choice)))
    """Painted backgrounds."""

    letter_cases: list[Choice] = wire.member("letterCases", wire.array(wire.model(lambda: Choice)))
    """Values of `letterCase`."""

    aligns: list[Choice] = wire.member("aligns", wire.array(wire.model(lambda: Choice)))
    """Values of `align`."""

    photo_treatments: list[Choice] = (
        wire.member("photoTreatments", wire.array(wire.model(lambda: Choice)))
    )
    """Values of `photo.treatment`."""


@dataclass(slots=True, kw_only=True)
class Export(wire.Model):
    """Export is one file, or one archive of many."""

    export_id: str = wire.member("exportId", wire.STRING)
    """Export id."""

    status: ExportStatus = wire.member("status", wire.choice(lambda: ExportStatus))
    """Status."""

    cover_id: str = wire.member("coverId", wire.STRING)
    """Cover; empty for an archive."""

    width: int = wire.member("width", wire.INTEGER)
    """Width in pixels; 0 for an archive."""

    height: int = wire.member("height", wire.INTEGER)
    """Height in pixels; 0 for an archive."""

    format: str = wire.member("format", wire.STRING)
    """Format: `png`, `jpeg`, `webp`, or `zip` for an archive."""

    bytes: int = wire.member("bytes", wire.INTEGER)
    """Length of the file, once it is finished; for an archive of 2 GiB and more `total_bytes` alone
    is right."""

    download_url: str = wire.member("downloadUrl", wire.STRING)
    """Where to download it, once it is finished."""

    error: ExportError | None = wire.optional("error", wire.model(lambda: ExportError))
    """Why it failed."""

    create_time: datetime | None = wire.optional("createTime", wire.TIME)
    """When it was asked for."""

    kind: ExportKind = wire.member("kind", wire.choice(lambda: ExportKind))
    """One file or an archive."""

    file_name: str = wire.member("fileName", wire.STRING)
    """Name it is downloaded under."""

    progress_percent: int = wire.member("progressPercent", wire.INTEGER)
    """How far it is, 0 to 100."""

    total_bytes: int = wire.member("totalBytes", wire.INT64)
    """Length of the download, once it is finished."""

    files: list[ExportFile] = wire.member("files", wire.array(wire.model(lambda: ExportFile)))
    """Files of an archive, in order; empty for a single file."""

    quality: int = wire.member("quality", wire.INTEGER)
    """Quality that was used, where the format has one."""


class ExportKind(wire.OpenEnum):
    """Values of ExportKind."""

    KIND_UNSPECIFIED = "KIND_UNSPECIFIED"
    FILE = "FILE"
    ARCHIVE = "ARCHIVE"


class ExportStatus(wire.OpenEnum):
    """Values of ExportStatus."""

    STATUS_UNSPECIFIED = "STATUS_UNSPECIFIED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(slots=True, kw_only=True)
class ExportError(wire.Model):
    """ExportError is why there is no file."""

    reason: str = wire.member("reason", wire.STRING)
    """Stable reason."""

    message: str = wire.member("message", wire.STRING)
    """A sentence for people."""


@dataclass(slots=True, kw_only=True)
class ExportFile(wire.Model):
    """ExportFile is one file of an archive."""

    name: str = wire.member("name", wire.STRING)
    """Name in the archive."""

    cover_id: str = wire.member("coverId", wire.STRING)
    """Cover."""

    width: int = wire.member("width", wire.INTEGER)
    """Width in pixels."""

    height: int = wire.member("height", wire.INTEGER)
    """Height in pixels."""

    format: str = wire.member("format", wire.STRING)
    """Format."""

    status: ExportStatus = wire.member("status", wire.choice(lambda: ExportStatus))
    """PENDING, SUCCEEDED or FAILED. A file that failed is not in the archive."""

    bytes: int = wire.member("bytes", wire.INTEGER)
    """Length, once it is finished."""

    error: ExportError | None = wire.optional("error", wire.model(lambda: ExportError))
    """Why it failed."""


@dataclass(slots=True, kw_only=True)
class GenerateResponse(wire.Model):
    """GenerateResponse names the task."""

    task_id: str = wire.member("taskId", wire.STRING)
    """Task id."""

    status: CoverTaskStatus = wire.member("status", wire.choice(lambda: CoverTaskStatus))
    """Status, PENDING unless the request was made before."""


@dataclass(slots=True, kw_only=True)
class GenerationEvent(wire.Model):
    """GenerationEvent is one thing that happened to a generation.

    They are only ever added to, and tell by themselves where the generation stands.
    """

    task_id: str = wire.member("taskId", wire.STRING)
    """Task."""

    sequence: int = wire.member("sequence", wire.INTEGER)
    """1, 2, 3 … within the task."""

    kind: GenerationEventKind = wire.member("kind", wire.choice(lambda: GenerationEventKind))
    """What happened."""

    occur_time: datetime | None = wire.optional("occurTime", wire.TIME)
    """When."""

    cover_id: str = wire.member("coverId", wire.STRING)
    """Cover it happened to, where it was one."""

    template_id: str = wire.member("templateId", wire.STRING)
    """REQUESTED: template that was chosen."""

    seed: int = wire.member("seed", wire.INT64)
    """REQUESTED and PAINTED: seed of the first variant."""

    provider: str = wire.member("provider", wire.STRING)
    """PAINTED: `local` or a provider's name."""

    units: int = wire.member("units", wire.INTEGER)
    """REQUESTED: units set aside. CHARGED: units charged."""

    attempt: int = wire.member("attempt", wire.INTEGER)
    """RETRIED: which attempt began, from 2."""

    pictures: int = wire.member("pictures", wire.INTEGER)
    """PAINTED: pictures stored."""

    reason: str = wire.member("reason", wire.STRING)
    """FAILED and CANCELLED: stable reason."""

    message: str = wire.member("message", wire.STRING)
    """FAILED and CANCELLED: a sentence for people."""

    duration_ms: int = wire.member("durationMs", wire.INTEGER)
    """FINISHED, FAILED and CANCELLED: milliseconds since it was asked for."""


class GenerationEventKind(wire.OpenEnum):
    """Values of GenerationEventKind."""

    KIND_UNSPECIFIED = "KIND_UNSPECIFIED"
    REQUESTED = "REQUESTED"
    REGENERATED = "REGENERATED"
    RETRIED = "RETRIED"
    PAINTED = "PAINTED"
    CHARGED = "CHARGED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    FAVORITED = "FAVORITED"
    UNFAVORITED = "UNFAVORITED"
    DELETED = "DELETED"


@dataclass(slots=True, kw_only=True)
class Image(wire.Model):
    """Image is one picture of a cover."""

    url: str = wire.member("url", wire.STRING)
    """Address, signed: it works without a bearer."""

    width: int = wire.member("width", wire.INTEGER)
    """Width in pixels."""

    height: int = wire.member("height", wire.INTEGER)
    """Height in pixels."""

    format: str = wire.member("format", wire.STRING)
    """`png`, `jpeg` or `webp`."""

    bytes: int = wire.member("bytes", wire.INTEGER)
    """Length of the file."""

    asset_id: str = wire.member("assetId", wire.STRING)
    """Asset id."""

    preset: str = wire.member("preset", wire.STRING)
    """Preset it was made for; empty for a custom size."""


@dataclass(slots=True, kw_only=True)
class ImageFacts(wire.Model):
    """ImageFacts is what the hash of a picture says."""

    pdq: str = wire.member("pdq", wire.STRING)
    """PDQ hash, 64 hex digits."""

    quality: int = wire.member("quality", wire.INTEGER)
    """0 to 100: how much there is to see. Below 50 a picture matches nothing."""


@dataclass(slots=True, kw_only=True)
class ImageMatch(wire.Model):
    """ImageMatch is a picture that looks like a blocked one."""

    blocked_image_id: str = wire.member("blockedImageId", wire.STRING)
    """The blocked picture it looks like."""

    category: str = wire.member("category", wire.STRING)
    """Category slug."""

    region: str = wire.member("region", wire.STRING)
    """Region in which it is blocked; `*` means everywhere."""

    image_index: int = wire.member("imageIndex", wire.INTEGER)
    """Index of the picture."""

    distance: int = wire.member("distance", wire.INTEGER)
    """Bits of 256 in which the hashes differ: at most 31."""

    turn: TurnKind = wire.member("turn", wire.choice(lambda: TurnKind))
    """How the picture was turned or mirrored when it matched."""

    score: float = wire.member("score", wire.NUMBER)
    """0 to 1."""


@dataclass(slots=True, kw_only=True)
class ImageSource(wire.Model):
    """ImageSource names a picture or holds it."""

    asset_id: str | None = wire.optional("assetId", wire.STRING)
    """An asset of the caller's workspace."""

    data: bytes | None = wire.optional("data", wire.BYTES)
    """A small picture itself: PNG, JPEG or WebP, at most 2 MiB."""


@dataclass(slots=True, kw_only=True)
class Jwk(wire.Model):
    """Jwk is one public key (RFC 8037: OKP, Ed25519)."""

    kty: str = wire.member("kty", wire.STRING)
    """Key type."""

    crv: str = wire.member("crv", wire.STRING)
    """Curve."""

    x: str = wire.member("x", wire.STRING)
    """Public key, base64url."""

    kid: str = wire.member("kid", wire.STRING)
    """Key id."""

    alg: str = wire.member("alg", wire.STRING)
    """Algorithm."""

    use: str = wire.member("use", wire.STRING)
    """Use."""


@dataclass(slots=True, kw_only=True)
class Jwks(wire.Model):
    """Jwks is a JSON Web Key Set."""

    keys: list[Jwk] = wire.member("keys", wire.array(wire.model(lambda: Jwk)))
    """Keys, the signing one first."""


@dataclass(slots=True, kw_only=True)
class ListBulkRowsResponse(wire.Model):
    """ListBulkRowsResponse is one page."""

    rows: list[BulkRowResult] = wire.member("rows", wire.array(wire.model(lambda: BulkRowResult)))
    """Rows, by their number."""

    next_page_token: str = wire.member("nextPageToken", wire.STRING)
    """Token of the next page; empty at the end."""


@dataclass(slots=True, kw_only=True)
class ListBulksResponse(wire.Model):
    """ListBulksResponse is one page."""

    bulks: list[Bulk] = wire.member("bulks", wire.array(wire.model(lambda: Bulk)))
    """Bulks, newest first."""

    next_page_token: str = wire.member("nextPageToken", wire.STRING)
    """Token of the next page; empty at the end."""


@dataclass(slots=True, kw_only=True)
class ListCategoriesResponse(wire.Model):
    """ListCategoriesResponse lists every category that holds a template."""

    categories: list[Category] = wire.member("categories", wire.array(wire.model(lambda: Category)))
    """Categories."""


@dataclass(slots=True, kw_only=True)
class ListCoversResponse(wire.Model):
    """ListCoversResponse is one page."""

    covers: list[Cover] = wire.member("covers", wire.array(wire.model(lambda: Cover)))
    """Covers, in the order asked for."""

    next_page_token: str = wire.member("nextPageToken", wire.STRING)
    """Token of the next page; empty at the end."""


@dataclass(slots=True, kw_only=True)
class ListHistoryResponse(wire.Model):
    """ListHistoryResponse is one page."""

    events: list[GenerationEvent] = (
        wire.member("events", wire.array(wire.model(lambda: GenerationEvent)))
    )
    """What happened, newest first."""

    next_page_token: str = wire.member("nextPageToken", wire.STRING)
    """Token of the next page; empty at the end."""


@dataclass(slots=True, kw_only=True)
class ListPresetsResponse(wire.Model):
    """ListPresetsResponse lists every preset."""

    presets: list[Preset] = wire.member("presets", wire.array(wire.model(lambda: Preset)))
    """Presets."""


class ListTasksRequestState(wire.OpenEnum):
    """Where a generation stands, as far as a list is told apart by it."""

    STATE_UNSPECIFIED = "STATE_UNSPECIFIED"
    OPEN = "OPEN"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(slots=True, kw_only=True)
class ListTasksResponse(wire.Model):
    """ListTasksResponse is one page."""

    tasks: list[CoverTask] = wire.member("tasks", wire.array(wire.model(lambda: CoverTask)))
    """Generations, newest first, without their covers."""

    next_page_token: str = wire.member("nextPageToken", wire.STRING)
    """Token of the next page; empty at the end."""


@dataclass(slots=True, kw_only=True)
class ListTemplatesResponse(wire.Model):
    """ListTemplatesResponse is one page."""

    templates: list[Template] = wire.member("templates", wire.array(wire.model(lambda: Template)))
    """Templates."""

    next_page_token: str = wire.member("nextPageToken", wire.STRING)
    """Token of the next page; empty at the end."""


@dataclass(slots=True, kw_only=True)
class ListWebhookDeliveriesResponse(wire.Model):
    """ListWebhookDeliveriesResponse is one page."""

    deliveries: list[WebhookDelivery] = (
        wire.member("deliveries", wire.array(wire.model(lambda: WebhookDelivery)))
    )
    """Deliveries, newest first."""

    next_page_token: str = wire.member("nextPageToken", wire.STRING)
    """Token of the next page; empty at the end."""


@dataclass(slots=True, kw_only=True)
class ListWebhooksResponse(wire.Model):
    """ListWebhooksResponse is one page."""

    webhooks: list[Webhook] = wire.member("webhooks", wire.array(wire.model(lambda: Webhook)))
    """Webhooks, newest first."""

    next_page_token: str = wire.member("nextPageToken", wire.STRING)
    """Token of the next page; empty at the end."""


@dataclass(slots=True, kw_only=True)
class Match(wire.Model):
    """Match is one rule's match in one text."""

    rule_id: str = wire.member("ruleId", wire.STRING)
    """Rule."""

    rule_version: int = wire.member("ruleVersion", wire.INTEGER)
    """Version of the rule."""

    category: str = wire.member("category", wire.STRING)
    """Category slug."""

    region: str = wire.member("region", wire.STRING)
    """Region whose rule it is; `*` means everywhere."""

    text_index: int = wire.member("textIndex", wire.INTEGER)
    """Index of the text."""

    start: int = wire.member("start", wire.INTEGER)
    """First character of the match in the text as given, counted in code points."""

    end: int = wire.member("end", wire.INTEGER)
    """Character after the match."""

    score: float = wire.member("score", wire.NUMBER)
    """0 to 1."""


@dataclass(slots=True, kw_only=True)
class NewWebhook(wire.Model):
    """NewWebhook is a webhook with its secret."""

    webhook: Webhook | None = wire.optional("webhook", wire.model(lambda: Webhook))
    """The webhook."""

    secret: str = wire.member("secret", wire.STRING)
    """What signatures are made with, `whsec_…`; never shown again."""


@dataclass(slots=True, kw_only=True)
class Palette(wire.Model):
    """Palette is a named set of colours."""

    id: str = wire.member("id", wire.STRING)
    """Slug, unique within the template."""

    name: str = wire.member("name", wire.STRING)
    """Name shown to people."""

    colors: list[str] = wire.member("colors", wire.array(wire.STRING))
    """Colours as #RRGGBB, background first."""


@dataclass(slots=True, kw_only=True)
class Photo(wire.Model):
    """Photo is an uploaded picture and how it is set."""

    asset_id: str | None = wire.optional("assetId", wire.STRING)
    """Asset id of a picture in media."""

    focal_x: float | None = wire.optional("focalX", wire.NUMBER)
    """Where across the picture its subject is, 0 (left) to 1 (right); absent means the middle."""

    focal_y: float | None = wire.optional("focalY", wire.NUMBER)
    """Where down the picture its subject is, 0 (top) to 1 (bottom); absent means the middle."""

    treatment: PhotoTreatment | None = (
        wire.optional("treatment", wire.choice(lambda: PhotoTreatment))
    )
    """How its colours are treated."""


class PhotoTreatment(wire.OpenEnum):
    """Values of PhotoTreatment."""

    TREATMENT_UNSPECIFIED = "TREATMENT_UNSPECIFIED"
    NATURAL = "NATURAL"
    DUOTONE = "DUOTONE"


@dataclass(slots=True, kw_only=True)
class PhotoStyle(wire.Model):
    """PhotoStyle is how a template shows photos."""

    treatment: str = wire.member("treatment", wire.STRING)
    """`natural` or `duotone`."""


@dataclass(slots=True, kw_only=True)
class PrepareResponse(wire.Model):
    """PrepareResponse names the export."""

    export_id: str = wire.member("exportId", wire.STRING)
    """Export id."""

    status: ExportStatus = wire.member("status", wire.choice(lambda: ExportStatus))
    """Status."""


@dataclass(slots=True, kw_only=True)
class Preset(wire.Model):
    """Preset is a platform's size."""

    id: str = wire.member("id", wire.STRING)
    """Slug, such as `youtube`."""

    name: str = wire.member("name", wire.STRING)
    """Name shown to people."""

    width: int = wire.member("width", wire.INTEGER)
    """Width in pixels."""

    height: int = wire.member("height", wire.INTEGER)
    """Height in pixels."""

    platform: str = wire.member("platform", wire.STRING)
    """Platform it is for, such as `YouTube`."""

    max_bytes: int = wire.member("maxBytes", wire.INTEGER)
    """Largest file that the platform takes, in bytes; 0 where it states none."""

    formats: list[str] = wire.member("formats", wire.array(wire.STRING))
    """Formats that the platform takes, the best first."""


@dataclass(slots=True, kw_only=True)
class ReplayWebhookDeliveriesResponse(wire.Model):
    """ReplayWebhookDeliveriesResponse tells how much is sent again."""

    replayed_count: int = wire.member("replayedCount", wire.INTEGER)
    """Messages that are sent again."""


@dataclass(slots=True, kw_only=True)
class Size(wire.Model):
    """Size is a preset, or a width and a height."""

    preset: str | None = wire.optional("preset", wire.STRING)
    """Preset name, such as `youtube`."""

    width: int | None = wire.optional("width", wire.INTEGER)
    """Width in pixels, 64 to 4096."""

    height: int | None = wire.optional("height", wire.INTEGER)
    """Height in pixels, 64 to 4096."""


@dataclass(slots=True, kw_only=True)
class Slot(wire.Model):
    """Slot is one thing that a cover made with a template can be given."""

    id: str = wire.member("id", wire.STRING)
    """Name of the field of a request for covers, such as `title`."""

    kind: SlotKind = wire.member("kind", wire.choice(lambda: SlotKind))
    """Kind."""

    label: str = wire.member("label", wire.STRING)
    """Name shown to people."""

    required: bool = wire.member("required", wire.BOOLEAN)
    """Whether a cover needs it."""

    max_length: int = wire.member("maxLength", wire.INTEGER)
    """Most characters of a TEXT, as people count them."""

    min_items: int = wire.member("minItems", wire.INTEGER)
    """Fewest colours of a COLOR."""

    max_items: int = wire.member("maxItems", wire.INTEGER)
    """Most colours of a COLOR."""

    focal_point: bool = wire.member("focalPoint", wire.BOOLEAN)
    """Whether an IMAGE takes a focal point."""

    choices: list[Choice] = wire.member("choices", wire.array(wire.model(lambda: Choice)))
    """What a CHOICE is among."""

    default_value: str = wire.member("defaultValue", wire.STRING)
    """What is taken where nothing is given."""


class SlotKind(wire.OpenEnum):
    """Values of SlotKind."""

    KIND_UNSPECIFIED = "KIND_UNSPECIFIED"
    TEXT = "TEXT"
    IMAGE = "IMAGE"
    COLOR = "COLOR"
    CHOICE = "CHOICE"


@dataclass(slots=True, kw_only=True)
class SuggestPalettesResponse(wire.Model):
    """SuggestPalettesResponse lists palettes, best first."""

    palettes: list[SuggestedPalette] = (
        wire.member("palettes", wire.array(wire.model(lambda: SuggestedPalette)))
    )
    """Palettes."""

    moods: list[str] = wire.member("moods", wire.array(wire.STRING))
    """Moods there are, for the next request."""


@dataclass(slots=True, kw_only=True)
class SuggestTitlesResponse(wire.Model):
    """SuggestTitlesResponse lists titles, best first."""

    titles: list[SuggestedTitle] = (
        wire.member("titles", wire.array(wire.model(lambda: SuggestedTitle)))
    )
    """Titles, no two alike."""

    language: str = wire.member("language", wire.STRING)
    """Language they are in."""


@dataclass(slots=True, kw_only=True)
class SuggestedPalette(wire.Model):
    """SuggestedPalette is a set of colours that a cover can be made with."""

    name: str = wire.member("name", wire.STRING)
    """What it is called."""

    colors: list[str] = wire.member("colors", wire.array(wire.STRING))
    """Colours as #RRGGBB, background first: what GenerateRequest takes."""

    palette_id: str = wire.member("paletteId", wire.STRING)
    """Palette id, where it is one of the template's."""


@dataclass(slots=True, kw_only=True)
class SuggestedTitle(wire.Model):
    """SuggestedTitle is a title and what it is good for."""

    title: str = wire.member("title", wire.STRING)
    """The title."""

    subtitle: str = wire.member("subtitle", wire.STRING)
    """A second line that goes with it; may be empty."""

    style: str = wire.member("style", wire.STRING)
    """What kind it is, as a slug: `how_to`, `list`, `question` and so on."""

    characters: int = wire.member("characters", wire.INTEGER)
    """Its length in characters as people count them."""


@dataclass(slots=True, kw_only=True)
class TaskError(wire.Model):
    """TaskError is why there are no covers."""

    reason: str = wire.member("reason", wire.STRING)
    """Stable reason, such as `CONTENT_BLOCKED`."""

    message: str = wire.member("message", wire.STRING)
    """A sentence for people."""


@dataclass(slots=True, kw_only=True)
class Template(wire.Model):
    """Template is a design that adapts to every size by layout."""

    id: str = wire.member("id", wire.STRING)
    """Slug of a built-in template; `tpl_…` of a custom one."""

    name: str = wire.member("name", wire.STRING)
    """Name shown to people."""

    category: str = wire.member("category", wire.STRING)
    """Category slug."""

    description: str = wire.member("description", wire.STRING)
    """One sentence on when to use it."""

    version: int = wire.member("version", wire.INTEGER)
    """Version of the design; covers keep the version they were made with."""

    thumbnail_url: str = wire.member("thumbnailUrl", wire.STRING)
    """Address of a small sample."""

    is_premium: bool = wire.member("isPremium", wire.BOOLEAN)
    """Whether a paid tier is needed."""

    palettes: list[Palette] = wire.member("palettes", wire.array(wire.model(lambda: Palette)))
    """Palettes it was designed for, the default first. Empty where the design brings colours of its
    own."""

    is_custom: bool = wire.member("isCustom", wire.BOOLEAN)
    """Whether the workspace made it."""

    prompt_template: str = wire.member("promptTemplate", wire.STRING)
    """What the background is asked of an AI provider with; `{title}` and `{colors}` are filled
    in."""

    style_params: dict[str, str] = wire.member("styleParams", wire.mapping(wire.STRING))
    """The settings of its style by name, such as `background`."""

    popularity_score: float = wire.member("popularityScore", wire.NUMBER)
    """How much it is used: each use counts one, and half of it every 14 days. As of the end of the
    day (UTC)."""

    use_count: int = wire.member("useCount", wire.INTEGER)
    """Times it was used."""

    slots: list[Slot] = wire.member("slots", wire.array(wire.model(lambda: Slot)))
    """What a cover made with it can be given, so that a form can be built."""

    etag: str = wire.member("etag", wire.STRING)
    """Changes with every version; custom templates only."""

    design: TemplateDesign | None = wire.optional("design", wire.model(lambda: TemplateDesign))
    """The design of a custom template."""

    create_time: datetime | None = wire.optional("createTime", wire.TIME)
    """When this version was made."""


@dataclass(slots=True, kw_only=True)
class TemplateDesign(wire.Model):
    """TemplateDesign is what a custom template changes of the built-in template that it is based
    on.

    What is empty stays as the base has it.
    """

    base: str = wire.member("base", wire.STRING)
    """Built-in template that lays it out."""

    base_version: int = wire.member("baseVersion", wire.INTEGER)
    """Version of the base; 0 means the newest, and is kept as that number."""

    background: str = wire.member("background", wire.STRING)
    """What is painted behind, of DesignOptions."""

    colors: list[str] = wire.member("colors", wire.array(wire.STRING))
    """Colours as #RRGGBB, 2 to 6, background first."""

    font: str = wire.member("font", wire.STRING)
    """Heading typeface, of DesignOptions."""

    letter_case: str = wire.member("letterCase", wire.STRING)
    """`as_typed` or `upper`."""

    align: str = wire.member("align", wire.STRING)
    """`start`, `center` or `end`."""

    photo: PhotoStyle | None = wire.optional("photo", wire.model(lambda: PhotoStyle))
    """How photos are shown."""

    kicker: str = wire.member("kicker", wire.STRING)
    """A short line above the title, at most 40 characters."""


class TurnKind(wire.OpenEnum):
    """Values of TurnKind."""

    KIND_UNSPECIFIED = "KIND_UNSPECIFIED"
    NONE = "NONE"
    LEFT_90 = "LEFT_90"
    HALF = "HALF"
    RIGHT_90 = "RIGHT_90"
    FLIP_TOP_BOTTOM = "FLIP_TOP_BOTTOM"
    FLIP_LEFT_RIGHT = "FLIP_LEFT_RIGHT"
    TRANSPOSE = "TRANSPOSE"
    TRANSVERSE = "TRANSVERSE"


@dataclass(slots=True, kw_only=True)
class Verdict(wire.Model):
    """Verdict is the answer for all texts together."""

    flagged: bool = wire.member("flagged", wire.BOOLEAN)
    """Whether any rule in force matched."""

    matches: list[Match] = wire.member("matches", wire.array(wire.model(lambda: Match)))
    """What matched, worst first."""

    scores: dict[str, float] = wire.member("scores", wire.mapping(wire.NUMBER))
    """Score per category, 0 to 1: the highest of its matches."""

    image_matches: list[ImageMatch] = (
        wire.member("imageMatches", wire.array(wire.model(lambda: ImageMatch)))
    )
    """Pictures that are blocked, worst first."""

    images: list[ImageFacts] = wire.member("images", wire.array(wire.model(lambda: ImageFacts)))
    """What was found out about each picture, in the order given."""


@dataclass(slots=True, kw_only=True)
class Webhook(wire.Model):
    """Webhook is an address that is told of events."""

    id: str = wire.member("id", wire.STRING)
    """Webhook id."""

    url: str = wire.member("url", wire.STRING)
    """Where messages are posted to."""

    event_types: list[str] = wire.member("eventTypes", wire.array(wire.STRING))
    """Types of events wanted; empty means all."""

    description: str = wire.member("description", wire.STRING)
    """What it is for, in the owner's words."""

    enabled: bool = wire.member("enabled", wire.BOOLEAN)
    """Whether messages are sent."""

    problem: WebhookProblem | None = wire.optional("problem", wire.model(lambda: WebhookProblem))
    """Why messages are not sent, when nobody asked for that."""

    failed_attempts: int = wire.member("failedAttempts", wire.INTEGER)
    """Attempts that failed since the last one that did not."""

    last_success_time: datetime | None = wire.optional("lastSuccessTime", wire.TIME)
    """When a message last arrived; absent before."""

    previous_secret_expire_time: datetime | None = (
        wire.optional("previousSecretExpireTime", wire.TIME)
    )
    """Until when messages bear the signature of the secret before, too; absent when there is
    none."""

    etag: str = wire.member("etag", wire.STRING)
    """Changes with every change that a person would see."""

    create_time: datetime | None = wire.optional("createTime", wire.TIME)
    """When it was made."""

    update_time: datetime | None = wire.optional("updateTime", wire.TIME)
    """When it was changed last."""


@dataclass(slots=True, kw_only=True)
class WebhookDelivery(wire.Model):
    """WebhookDelivery is one message to one webhook."""

    id: str = wire.member("id", wire.STRING)
    """Delivery id."""

    message_id: str = wire.member("messageId", wire.STRING)
    """What the receiver sees as `webhook-id`: the same in every attempt."""

    type: str = wire.member("type", wire.STRING)
    """Type of the event."""

    status: WebhookDeliveryStatus = (
        wire.member("status", wire.choice(lambda: WebhookDeliveryStatus))
    )
    """Status."""

    payload: str = wire.member("payload", wire.STRING)
    """The message as it is sent, JSON."""

    attempts: int = wire.member("attempts", wire.INTEGER)
    """Attempts made so far; a replay begins anew."""

    last_response_status: int = wire.member("lastResponseStatus", wire.INTEGER)
    """Status of the last answer; 0 when there was none."""

    last_error: str = wire.member("lastError", wire.STRING)
    """What went wrong in the last attempt; empty when nothing did."""

    last_attempt_time: datetime | None = wire.optional("lastAttemptTime", wire.TIME)
    """When it was last tried; absent before."""

    next_attempt_time: datetime | None = wire.optional("nextAttemptTime", wire.TIME)
    """When it is tried next; absent when it is over."""

    create_time: datetime | None = wire.optional("createTime", wire.TIME)
    """When the event happened."""


class WebhookDeliveryStatus(wire.OpenEnum):
    """Values of WebhookDeliveryStatus."""

    STATUS_UNSPECIFIED = "STATUS_UNSPECIFIED"
    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


@dataclass(slots=True, kw_only=True)
class WebhookProblem(wire.Model):
    """WebhookProblem is why a webhook was disabled."""

    reason: str = wire.member("reason", wire.STRING)
    """`FAILING`: too many attempts in a row failed. `GONE`: the receiver answered 410."""

    message: str = wire.member("message", wire.STRING)
    """A sentence for people."""

    time: datetime | None = wire.optional("time", wire.TIME)
    """When it was disabled."""
