"""Covers.

Generated from the OpenAPI document; not to be edited.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Literal

from covergen import _wire as wire
from covergen._async import AsyncTransport
from covergen._call import Call
from covergen._sync import SyncTransport

from . import models


class CoversApi:
    """Covers."""

    def __init__(self, transport: SyncTransport) -> None:
        self._transport = transport

    def list_covers(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        favorite: bool | None = None,
        template_id: str | None = None,
        task_id: str | None = None,
        bulk_id: str | None = None,
        query: str | None = None,
        order_by: Literal["", "createTime", "createTime asc", "createTime desc", "title", "title asc", "title desc"] | None = None,
        fields: str | None = None,
        page: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> models.ListCoversResponse:
        """Lists the caller's covers, newest first unless another order is asked for.

        Args:
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            favorite: Only favourites, or only others.
            template_id: Only covers of this template.
            task_id: Only covers of this task.
            bulk_id: Only covers of this bulk.
            query: Only covers whose title or subtitle contains this, in any case.
            order_by: `createTime desc` (the default), `createTime`, `title` or `title desc`.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            page: Page, from 1, for those who do not follow `nextPageToken`.
            limit: Another name for `pageSize`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "GET",
                "/v1/covers",
                query=wire.members(
                    ("pageSize", page_size, wire.INTEGER),
                    ("pageToken", page_token, wire.STRING),
                    ("favorite", favorite, wire.BOOLEAN),
                    ("templateId", template_id, wire.STRING),
                    ("taskId", task_id, wire.STRING),
                    ("bulkId", bulk_id, wire.STRING),
                    ("query", query, wire.STRING),
                    ("orderBy", order_by, wire.STRING),
                    ("fields", fields, wire.STRING),
                    ("page", page, wire.INTEGER),
                    ("limit", limit, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListCoversResponse),
        )

    def iter_covers(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        favorite: bool | None = None,
        template_id: str | None = None,
        task_id: str | None = None,
        bulk_id: str | None = None,
        query: str | None = None,
        order_by: Literal["", "createTime", "createTime asc", "createTime desc", "title", "title asc", "title desc"] | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> Iterator[models.Cover]:
        """Lists the caller's covers, newest first unless another order is asked for.

        Goes on from page to page.

        Args:
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            favorite: Only favourites, or only others.
            template_id: Only covers of this template.
            task_id: Only covers of this task.
            bulk_id: Only covers of this bulk.
            query: Only covers whose title or subtitle contains this, in any case.
            order_by: `createTime desc` (the default), `createTime`, `title` or `title desc`.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        if fields:
            fields = f"{fields},nextPageToken"
        while True:
            _page = self.list_covers(
                page_size=page_size,
                page_token=page_token,
                favorite=favorite,
                template_id=template_id,
                task_id=task_id,
                bulk_id=bulk_id,
                query=query,
                order_by=order_by,
                fields=fields,
                timeout=timeout,
            )
            yield from _page.covers
            if not _page.next_page_token:
                return
            page_token = _page.next_page_token

    def list_bulks(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        fields: str | None = None,
        page: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> models.ListBulksResponse:
        """Lists the caller's bulks, newest first.

        Args:
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            page: Page, from 1, for those who do not follow `nextPageToken`.
            limit: Another name for `pageSize`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "GET",
                "/v1/covers/bulk",
                query=wire.members(
                    ("pageSize", page_size, wire.INTEGER),
                    ("pageToken", page_token, wire.STRING),
                    ("fields", fields, wire.STRING),
                    ("page", page, wire.INTEGER),
                    ("limit", limit, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListBulksResponse),
        )

    def iter_bulks(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> Iterator[models.Bulk]:
        """Lists the caller's bulks, newest first.

        Goes on from page to page.

        Args:
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        if fields:
            fields = f"{fields},nextPageToken"
        while True:
            _page = self.list_bulks(
                page_size=page_size,
                page_token=page_token,
                fields=fields,
                timeout=timeout,
            )
            yield from _page.bulks
            if not _page.next_page_token:
                return
            page_token = _page.next_page_token

    def bulk_generate(
        self,
        *,
        rows: Sequence[models.BulkRow] | None = None,
        csv: str | None = None,
        name: str | None = None,
        template_id: str | None = None,
        palette_id: str | None = None,
        sizes: Sequence[models.Size] | None = None,
        formats: Sequence[Literal["png", "jpeg", "webp"]] | None = None,
        colors: Sequence[str] | None = None,
        font: str | None = None,
        photo: models.Photo | None = None,
        brand_kit_id: str | None = None,
        fields: str | None = None,
        prefer: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.Bulk:
        """Makes a cover for each of up to 10,000 rows, given as JSON or CSV.

        Every row is checked before anything is made; the rows are then worked through a few at a
        time, also across restarts.

        Args:
            rows: Rows, at most 10,000. Give these or CSV.
            csv: The rows as CSV (RFC 4180, UTF-8) with a header line that names the columns:
                `title` and any of `subtitle`, `kicker`, `template_id`, `palette_id`, `seed`,
                `font`, `colors`, `sizes`, `reference`. Colours and sizes are parted by spaces or
                semicolons; a size is a preset or `1280x720`.
            name: Name shown to people.
            template_id: Template of rows that name none; empty means one is chosen for each.
            palette_id: Palette of rows that name none.
            sizes: Sizes of rows that name none.
            formats: Formats of all rows: `png`, `jpeg`, `webp`; none means `png`.
            colors: Colours of rows that name none.
            font: Typeface of rows that name none.
            photo: Photo of all rows.
            brand_kit_id: Brand kit of all rows.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            prefer: `links` or `links=off`: whether the answer holds `_links`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "POST",
                "/v1/covers/bulk",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                headers=wire.members(
                    ("Prefer", prefer, wire.STRING),
                ),
                body=wire.members(
                    ("rows", rows, wire.array(wire.model(lambda: models.BulkRow))),
                    ("csv", csv, wire.STRING),
                    ("name", name, wire.STRING),
                    ("templateId", template_id, wire.STRING),
                    ("paletteId", palette_id, wire.STRING),
                    ("sizes", sizes, wire.array(wire.model(lambda: models.Size))),
                    ("formats", formats, wire.array(wire.STRING)),
                    ("colors", colors, wire.array(wire.STRING)),
                    ("font", font, wire.STRING),
                    ("photo", photo, wire.model(lambda: models.Photo)),
                    ("brandKitId", brand_kit_id, wire.STRING),
                ),
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.Bulk),
        )

    def get_bulk(
        self,
        bulk_id: str,
        *,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.Bulk:
        """Returns how far a bulk is.

        Args:
            bulk_id: Bulk id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "GET",
                "/v1/covers/bulk/{bulkId}",
                variables=wire.members(
                    ("bulkId", bulk_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.Bulk),
        )

    def cancel_bulk(
        self,
        bulk_id: str,
        *,
        fields: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.Bulk:
        """Stops a bulk: rows that wait are cancelled, rows at work are asked to stop, covers that
        are paid for stay.

        Args:
            bulk_id: Bulk id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "POST",
                "/v1/covers/bulk/{bulkId}/cancel",
                variables=wire.members(
                    ("bulkId", bulk_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body={},
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.Bulk),
        )

    def watch_bulk(
        self,
        bulk_id: str,
        *,
        fields: str | None = None,
        last_event_id_: str | None = None,
        last_event_id: str | None = None,
    ) -> Iterator[models.Bulk]:
        """Sends the bulk now and at every change, and ends after a terminal status.

        A broken connection is made anew where it left off.

        Args:
            bulk_id: Bulk id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            last_event_id_: As the header Last-Event-ID, for those who cannot set it.
            last_event_id: Send only what is newer than this event.
        """
        return self._transport.events(
            Call(
                "GET",
                "/v1/covers/bulk/{bulkId}/events",
                variables=wire.members(
                    ("bulkId", bulk_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                    ("lastEventId", last_event_id_, wire.STRING),
                ),
            ),
            wire.model(lambda: models.Bulk),
            last_event_id,
        )

    def retry_bulk(
        self,
        bulk_id: str,
        *,
        fields: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.Bulk:
        """Makes the failed rows of a bulk again, each as a new task.

        Args:
            bulk_id: Bulk id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "POST",
                "/v1/covers/bulk/{bulkId}/retry",
                variables=wire.members(
                    ("bulkId", bulk_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body={},
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.Bulk),
        )

    def list_bulk_rows(
        self,
        bulk_id: str,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        state: models.BulkRowResultState | None = None,
        fields: str | None = None,
        page: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> models.ListBulkRowsResponse:
        """Lists the rows of a bulk in their order, each with its cover or the reason why it has
        none.

        Args:
            bulk_id: Bulk id.
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            state: Only rows in this state.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            page: Page, from 1, for those who do not follow `nextPageToken`.
            limit: Another name for `pageSize`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "GET",
                "/v1/covers/bulk/{bulkId}/rows",
                variables=wire.members(
                    ("bulkId", bulk_id, wire.STRING),
                ),
                query=wire.members(
                    ("pageSize", page_size, wire.INTEGER),
                    ("pageToken", page_token, wire.STRING),
                    ("state", state, wire.choice(lambda: models.BulkRowResultState)),
                    ("fields", fields, wire.STRING),
                    ("page", page, wire.INTEGER),
                    ("limit", limit, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListBulkRowsResponse),
        )

    def iter_bulk_rows(
        self,
        bulk_id: str,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        state: models.BulkRowResultState | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> Iterator[models.BulkRowResult]:
        """Lists the rows of a bulk in their order, each with its cover or the reason why it has
        none.

        Goes on from page to page.

        Args:
            bulk_id: Bulk id.
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            state: Only rows in this state.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        if fields:
            fields = f"{fields},nextPageToken"
        while True:
            _page = self.list_bulk_rows(
                bulk_id,
                page_size=page_size,
                page_token=page_token,
                state=state,
                fields=fields,
                timeout=timeout,
            )
            yield from _page.rows
            if not _page.next_page_token:
                return
            page_token = _page.next_page_token

    def generate(
        self,
        *,
        title: str,
        sizes: Sequence[models.Size],
        subtitle: str | None = None,
        template_id: str | None = None,
        variants: int | None = None,
        seed: int | None = None,
        formats: Sequence[Literal["png", "jpeg", "webp"]] | None = None,
        palette_id: str | None = None,
        colors: Sequence[str] | None = None,
        font: str | None = None,
        kicker: str | None = None,
        photo: models.Photo | None = None,
        brand_kit_id: str | None = None,
        fields: str | None = None,
        prefer: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.GenerateResponse:
        """Makes covers: answers at once with a task, whose progress GetTask and WatchTask tell.

        Args:
            title: Title: 1 to 120 characters as people count them.
            sizes: Sizes, 1 to 16.
            subtitle: Second line; may be empty.
            template_id: Template; empty means one is chosen.
            variants: Designs to make, 1 to 8; 0 means 1. Each costs one unit.
            seed: Seed; the same seed gives the same picture. Absent means one is drawn.
            formats: Formats: `png`, `jpeg`, `webp`; none means `png`.
            palette_id: Palette of the template; empty means its default.
            colors: Colours as #RRGGBB, 2 to 6, background first. They replace the palette.
            font: Typeface of the title, by id; empty means the template's own.
            kicker: A short line above the title, at most 40 characters.
            photo: A photo of the caller's as the background.
            brand_kit_id: Brand kit whose colours, typeface and logo are used where the request
                names none itself.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            prefer: `links` or `links=off`: whether the answer holds `_links`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "POST",
                "/v1/covers/generate",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                headers=wire.members(
                    ("Prefer", prefer, wire.STRING),
                ),
                body=wire.members(
                    ("title", title, wire.STRING),
                    ("sizes", sizes, wire.array(wire.model(lambda: models.Size))),
                    ("subtitle", subtitle, wire.STRING),
                    ("templateId", template_id, wire.STRING),
                    ("variants", variants, wire.INTEGER),
                    ("seed", seed, wire.INT64),
                    ("formats", formats, wire.array(wire.STRING)),
                    ("paletteId", palette_id, wire.STRING),
                    ("colors", colors, wire.array(wire.STRING)),
                    ("font", font, wire.STRING),
                    ("kicker", kicker, wire.STRING),
                    ("photo", photo, wire.model(lambda: models.Photo)),
                    ("brandKitId", brand_kit_id, wire.STRING),
                ),
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.GenerateResponse),
        )

    def list_history(
        self,
        *,
        cover_id: str | None = None,
        task_id: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        fields: str | None = None,
        page: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> models.ListHistoryResponse:
        """Lists what happened to the caller's generations, newest first: of all of them, of one
        task, or of one cover, also after it was deleted.

        Args:
            cover_id: Only what happened to this cover.
            task_id: Only what happened to this task.
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            page: Page, from 1, for those who do not follow `nextPageToken`.
            limit: Another name for `pageSize`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "GET",
                "/v1/covers/history",
                query=wire.members(
                    ("coverId", cover_id, wire.STRING),
                    ("taskId", task_id, wire.STRING),
                    ("pageSize", page_size, wire.INTEGER),
                    ("pageToken", page_token, wire.STRING),
                    ("fields", fields, wire.STRING),
                    ("page", page, wire.INTEGER),
                    ("limit", limit, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListHistoryResponse),
        )

    def iter_history(
        self,
        *,
        cover_id: str | None = None,
        task_id: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> Iterator[models.GenerationEvent]:
        """Lists what happened to the caller's generations, newest first: of all of them, of one
        task, or of one cover, also after it was deleted.

        Goes on from page to page.

        Args:
            cover_id: Only what happened to this cover.
            task_id: Only what happened to this task.
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        if fields:
            fields = f"{fields},nextPageToken"
        while True:
            _page = self.list_history(
                cover_id=cover_id,
                task_id=task_id,
                page_size=page_size,
                page_token=page_token,
                fields=fields,
                timeout=timeout,
            )
            yield from _page.events
            if not _page.next_page_token:
                return
            page_token = _page.next_page_token

    def preview(
        self,
        *,
        title: str,
        sizes: Sequence[models.Size],
        subtitle: str | None = None,
        template_id: str | None = None,
        variants: int | None = None,
        seed: int | None = None,
        formats: Sequence[Literal["png", "jpeg", "webp"]] | None = None,
        palette_id: str | None = None,
        request_id: str | None = None,
        accept: str | None = None,
        colors: Sequence[str] | None = None,
        font: str | None = None,
        kicker: str | None = None,
        photo: models.Photo | None = None,
        brand_kit_id: str | None = None,
        timeout: float | None = None,
    ) -> bytes:
        """Renders the first size at screen size and keeps nothing.

        The answer is an image.

        Args:
            title: Title: 1 to 120 characters as people count them.
            sizes: Sizes; the first is rendered, scaled to at most 1280 pixels on its long side.
            subtitle: Second line; may be empty.
            template_id: Template; empty means one is chosen.
            variants: Which variant to show counts from the seed; ignored here.
            seed: Seed; absent means one that stays the same for a person, so that typing does not
                flicker.
            formats: Ignored: the Accept header chooses.
            palette_id: Palette of the template; empty means its default.
            request_id: Ignored, so that a GenerateRequest can be sent as it is.
            accept: Media types the caller takes, as in the Accept header.
            colors: Colours as #RRGGBB, 2 to 6, background first. They replace the palette.
            font: Typeface of the title, by id; empty means the template's own.
            kicker: A short line above the title, at most 40 characters.
            photo: A photo of the caller's as the background.
            brand_kit_id: Brand kit whose colours, typeface and logo are used where the request
                names none itself.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.content(
            Call(
                "POST",
                "/v1/covers/preview",
                body=wire.members(
                    ("title", title, wire.STRING),
                    ("sizes", sizes, wire.array(wire.model(lambda: models.Size))),
                    ("subtitle", subtitle, wire.STRING),
                    ("templateId", template_id, wire.STRING),
                    ("variants", variants, wire.INTEGER),
                    ("seed", seed, wire.INT64),
                    ("formats", formats, wire.array(wire.STRING)),
                    ("paletteId", palette_id, wire.STRING),
                    ("requestId", request_id, wire.STRING),
                    ("accept", accept, wire.STRING),
                    ("colors", colors, wire.array(wire.STRING)),
                    ("font", font, wire.STRING),
                    ("kicker", kicker, wire.STRING),
                    ("photo", photo, wire.model(lambda: models.Photo)),
                    ("brandKitId", brand_kit_id, wire.STRING),
                ),
                timeout=timeout,
            ),
        )

    def suggest_palettes(
        self,
        *,
        asset_id: str | None = None,
        mood: str | None = None,
        template_id: str | None = None,
        seed: int | None = None,
        count: int | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.SuggestPalettesResponse:
        """Suggests palettes from a photo, a mood word or a template.

        Args:
            asset_id: A photo of the caller's, by asset id.
            mood: A mood, such as `calm`.
            template_id: A template, by id.
            seed: Seed: another one gives other colours of the same mood.
            count: Palettes wanted, at most 12; 0 means 5. A photo may hold fewer.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "POST",
                "/v1/covers/suggest-palettes",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body=wire.members(
                    ("assetId", asset_id, wire.STRING),
                    ("mood", mood, wire.STRING),
                    ("templateId", template_id, wire.STRING),
                    ("seed", seed, wire.INT64),
                    ("count", count, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.SuggestPalettesResponse),
        )

    def suggest_titles(
        self,
        *,
        topic: str | None = None,
        keywords: Sequence[str] | None = None,
        draft_title: str | None = None,
        language: Literal["", "en", "zh"] | None = None,
        max_characters: int | None = None,
        count: int | None = None,
        seed: int | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.SuggestTitlesResponse:
        """Suggests titles for a topic, by rules: the same request and seed give the same titles.

        Args:
            topic: What it is about, in a few words; this, keywords or a draft must be there.
            keywords: Words that matter.
            draft_title: A title to be made better.
            language: Language: `en` or `zh`; empty means that of the texts.
            max_characters: Longest title in characters as people count them, 8 to 120; 0 means what
                reads well on a cover: 48 in English, 20 in Chinese.
            count: Titles wanted, at most 20; 0 means 8.
            seed: Seed: another one gives other titles.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "POST",
                "/v1/covers/suggest-titles",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body=wire.members(
                    ("topic", topic, wire.STRING),
                    ("keywords", keywords, wire.array(wire.STRING)),
                    ("draftTitle", draft_title, wire.STRING),
                    ("language", language, wire.STRING),
                    ("maxCharacters", max_characters, wire.INTEGER),
                    ("count", count, wire.INTEGER),
                    ("seed", seed, wire.INT64),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.SuggestTitlesResponse),
        )

    def list_tasks(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        state: models.ListTasksRequestState | None = None,
        fields: str | None = None,
        page: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> models.ListTasksResponse:
        """Lists the caller's generations in the workspace they act in, newest first: all of them,
        or those in one state.

        Each is as GetTask tells it, but without its covers, which GetTask and ListCovers hold. The
        rows of bulks are not among them; ListBulks and ListBulkRows tell of those.

        Args:
            page_size: At most this many; 0 means 20. A page of OPEN or FAILED may hold fewer, or
                none, although others follow: where each stands is looked at only when the page is
                put together.
            page_token: Token of the page wanted; good for the state that it was given for.
            state: Only generations in this state.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            page: Page, from 1, for those who do not follow `nextPageToken`.
            limit: Another name for `pageSize`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "GET",
                "/v1/covers/tasks",
                query=wire.members(
                    ("pageSize", page_size, wire.INTEGER),
                    ("pageToken", page_token, wire.STRING),
                    ("state", state, wire.choice(lambda: models.ListTasksRequestState)),
                    ("fields", fields, wire.STRING),
                    ("page", page, wire.INTEGER),
                    ("limit", limit, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListTasksResponse),
        )

    def iter_tasks(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        state: models.ListTasksRequestState | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> Iterator[models.CoverTask]:
        """Lists the caller's generations in the workspace they act in, newest first: all of them,
        or those in one state.

        Each is as GetTask tells it, but without its covers, which GetTask and ListCovers hold. The
        rows of bulks are not among them; ListBulks and ListBulkRows tell of those.

        Goes on from page to page.

        Args:
            page_size: At most this many; 0 means 20. A page of OPEN or FAILED may hold fewer, or
                none, although others follow: where each stands is looked at only when the page is
                put together.
            page_token: Token of the page wanted; good for the state that it was given for.
            state: Only generations in this state.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        if fields:
            fields = f"{fields},nextPageToken"
        while True:
            _page = self.list_tasks(
                page_size=page_size,
                page_token=page_token,
                state=state,
                fields=fields,
                timeout=timeout,
            )
            yield from _page.tasks
            if not _page.next_page_token:
                return
            page_token = _page.next_page_token

    def get_task(
        self,
        task_id: str,
        *,
        fields: str | None = None,
        prefer: str | None = None,
        timeout: float | None = None,
    ) -> models.CoverTask:
        """Returns a generation task and, once it has succeeded, its covers.

        Args:
            task_id: Task id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            prefer: `links` or `links=off`: whether the answer holds `_links`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "GET",
                "/v1/covers/tasks/{taskId}",
                variables=wire.members(
                    ("taskId", task_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                headers=wire.members(
                    ("Prefer", prefer, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.CoverTask),
        )

    def cancel_task(
        self,
        task_id: str,
        *,
        fields: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.CoverTask:
        """Asks for a task to be cancelled.

        One whose covers are already paid for goes on and succeeds.

        Args:
            task_id: Task id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "POST",
                "/v1/covers/tasks/{taskId}/cancel",
                variables=wire.members(
                    ("taskId", task_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body={},
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.CoverTask),
        )

    def watch_task(
        self,
        task_id: str,
        *,
        fields: str | None = None,
        last_event_id_: str | None = None,
        last_event_id: str | None = None,
    ) -> Iterator[models.CoverTask]:
        """Sends the task now and at every change, and ends after a terminal status.

        A broken connection is made anew where it left off.

        Args:
            task_id: Task id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            last_event_id_: As the header Last-Event-ID, for those who cannot set it.
            last_event_id: Send only what is newer than this event.
        """
        return self._transport.events(
            Call(
                "GET",
                "/v1/covers/tasks/{taskId}/events",
                variables=wire.members(
                    ("taskId", task_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                    ("lastEventId", last_event_id_, wire.STRING),
                ),
            ),
            wire.model(lambda: models.CoverTask),
            last_event_id,
        )

    def get_cover(
        self,
        cover_id: str,
        *,
        fields: str | None = None,
        prefer: str | None = None,
        timeout: float | None = None,
    ) -> models.Cover:
        """Returns one cover.

        Args:
            cover_id: Cover id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            prefer: `links` or `links=off`: whether the answer holds `_links`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "GET",
                "/v1/covers/{coverId}",
                variables=wire.members(
                    ("coverId", cover_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                headers=wire.members(
                    ("Prefer", prefer, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.Cover),
        )

    def delete_cover(
        self,
        cover_id: str,
        *,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.DeleteCoverResponse:
        """Deletes a cover and its files.

        Deleting it again is no error.

        Args:
            cover_id: Cover id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "DELETE",
                "/v1/covers/{coverId}",
                variables=wire.members(
                    ("coverId", cover_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.DeleteCoverResponse),
        )

    def favorite_cover(
        self,
        cover_id: str,
        *,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.Cover:
        """Marks a cover as a favourite.

        Args:
            cover_id: Cover id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "POST",
                "/v1/covers/{coverId}/favorite",
                variables=wire.members(
                    ("coverId", cover_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body={},
                timeout=timeout,
            ),
            wire.model(lambda: models.Cover),
        )

    def unfavorite_cover(
        self,
        cover_id: str,
        *,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.Cover:
        """Takes a cover out of the favourites.

        Args:
            cover_id: Cover id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "DELETE",
                "/v1/covers/{coverId}/favorite",
                variables=wire.members(
                    ("coverId", cover_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.Cover),
        )

    def regenerate_cover(
        self,
        cover_id: str,
        *,
        seed: int | None = None,
        fields: str | None = None,
        prefer: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.GenerateResponse:
        """Makes one cover again with another seed, everything else as it was.

        Costs one unit; the cover it comes from stays.

        Args:
            cover_id: Cover id.
            seed: Seed of the new cover; absent means one is drawn.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            prefer: `links` or `links=off`: whether the answer holds `_links`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "POST",
                "/v1/covers/{coverId}/regenerate",
                variables=wire.members(
                    ("coverId", cover_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                headers=wire.members(
                    ("Prefer", prefer, wire.STRING),
                ),
                body=wire.members(
                    ("seed", seed, wire.INT64),
                ),
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.GenerateResponse),
        )


class AsyncCoversApi:
    """Covers."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_covers(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        favorite: bool | None = None,
        template_id: str | None = None,
        task_id: str | None = None,
        bulk_id: str | None = None,
        query: str | None = None,
        order_by: Literal["", "createTime", "createTime asc", "createTime desc", "title", "title asc", "title desc"] | None = None,
        fields: str | None = None,
        page: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> models.ListCoversResponse:
        """Lists the caller's covers, newest first unless another order is asked for.

        Args:
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            favorite: Only favourites, or only others.
            template_id: Only covers of this template.
            task_id: Only covers of this task.
            bulk_id: Only covers of this bulk.
            query: Only covers whose title or subtitle contains this, in any case.
            order_by: `createTime desc` (the default), `createTime`, `title` or `title desc`.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            page: Page, from 1, for those who do not follow `nextPageToken`.
            limit: Another name for `pageSize`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "GET",
                "/v1/covers",
                query=wire.members(
                    ("pageSize", page_size, wire.INTEGER),
                    ("pageToken", page_token, wire.STRING),
                    ("favorite", favorite, wire.BOOLEAN),
                    ("templateId", template_id, wire.STRING),
                    ("taskId", task_id, wire.STRING),
                    ("bulkId", bulk_id, wire.STRING),
                    ("query", query, wire.STRING),
                    ("orderBy", order_by, wire.STRING),
                    ("fields", fields, wire.STRING),
                    ("page", page, wire.INTEGER),
                    ("limit", limit, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListCoversResponse),
        )

    async def iter_covers(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        favorite: bool | None = None,
        template_id: str | None = None,
        task_id: str | None = None,
        bulk_id: str | None = None,
        query: str | None = None,
        order_by: Literal["", "createTime", "createTime asc", "createTime desc", "title", "title asc", "title desc"] | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[models.Cover]:
        """Lists the caller's covers, newest first unless another order is asked for.

        Goes on from page to page.

        Args:
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            favorite: Only favourites, or only others.
            template_id: Only covers of this template.
            task_id: Only covers of this task.
            bulk_id: Only covers of this bulk.
            query: Only covers whose title or subtitle contains this, in any case.
            order_by: `createTime desc` (the default), `createTime`, `title` or `title desc`.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        if fields:
            fields = f"{fields},nextPageToken"
        while True:
            _page = await self.list_covers(
                page_size=page_size,
                page_token=page_token,
                favorite=favorite,
                template_id=template_id,
                task_id=task_id,
                bulk_id=bulk_id,
                query=query,
                order_by=order_by,
                fields=fields,
                timeout=timeout,
            )
            for _item in _page.covers:
                yield _item
            if not _page.next_page_token:
                return
            page_token = _page.next_page_token

    async def list_bulks(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        fields: str | None = None,
        page: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> models.ListBulksResponse:
        """Lists the caller's bulks, newest first.

        Args:
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            page: Page, from 1, for those who do not follow `nextPageToken`.
            limit: Another name for `pageSize`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "GET",
                "/v1/covers/bulk",
                query=wire.members(
                    ("pageSize", page_size, wire.INTEGER),
                    ("pageToken", page_token, wire.STRING),
                    ("fields", fields, wire.STRING),
                    ("page", page, wire.INTEGER),
                    ("limit", limit, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListBulksResponse),
        )

    async def iter_bulks(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[models.Bulk]:
        """Lists the caller's bulks, newest first.

        Goes on from page to page.

        Args:
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        if fields:
            fields = f"{fields},nextPageToken"
        while True:
            _page = await self.list_bulks(
                page_size=page_size,
                page_token=page_token,
                fields=fields,
                timeout=timeout,
            )
            for _item in _page.bulks:
                yield _item
            if not _page.next_page_token:
                return
            page_token = _page.next_page_token

    async def bulk_generate(
        self,
        *,
        rows: Sequence[models.BulkRow] | None = None,
        csv: str | None = None,
        name: str | None = None,
        template_id: str | None = None,
        palette_id: str | None = None,
        sizes: Sequence[models.Size] | None = None,
        formats: Sequence[Literal["png", "jpeg", "webp"]] | None = None,
        colors: Sequence[str] | None = None,
        font: str | None = None,
        photo: models.Photo | None = None,
        brand_kit_id: str | None = None,
        fields: str | None = None,
        prefer: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.Bulk:
        """Makes a cover for each of up to 10,000 rows, given as JSON or CSV.

        Every row is checked before anything is made; the rows are then worked through a few at a
        time, also across restarts.

        Args:
            rows: Rows, at most 10,000. Give these or CSV.
            csv: The rows as CSV (RFC 4180, UTF-8) with a header line that names the columns:
                `title` and any of `subtitle`, `kicker`, `template_id`, `palette_id`, `seed`,
                `font`, `colors`, `sizes`, `reference`. Colours and sizes are parted by spaces or
                semicolons; a size is a preset or `1280x720`.
            name: Name shown to people.
            template_id: Template of rows that name none; empty means one is chosen for each.
            palette_id: Palette of rows that name none.
            sizes: Sizes of rows that name none.
            formats: Formats of all rows: `png`, `jpeg`, `webp`; none means `png`.
            colors: Colours of rows that name none.
            font: Typeface of rows that name none.
            photo: Photo of all rows.
            brand_kit_id: Brand kit of all rows.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            prefer: `links` or `links=off`: whether the answer holds `_links`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "POST",
                "/v1/covers/bulk",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                headers=wire.members(
                    ("Prefer", prefer, wire.STRING),
                ),
                body=wire.members(
                    ("rows", rows, wire.array(wire.model(lambda: models.BulkRow))),
                    ("csv", csv, wire.STRING),
                    ("name", name, wire.STRING),
                    ("templateId", template_id, wire.STRING),
                    ("paletteId", palette_id, wire.STRING),
                    ("sizes", sizes, wire.array(wire.model(lambda: models.Size))),
                    ("formats", formats, wire.array(wire.STRING)),
                    ("colors", colors, wire.array(wire.STRING)),
                    ("font", font, wire.STRING),
                    ("photo", photo, wire.model(lambda: models.Photo)),
                    ("brandKitId", brand_kit_id, wire.STRING),
                ),
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.Bulk),
        )

    async def get_bulk(
        self,
        bulk_id: str,
        *,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.Bulk:
        """Returns how far a bulk is.

        Args:
            bulk_id: Bulk id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "GET",
                "/v1/covers/bulk/{bulkId}",
                variables=wire.members(
                    ("bulkId", bulk_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.Bulk),
        )

    async def cancel_bulk(
        self,
        bulk_id: str,
        *,
        fields: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.Bulk:
        """Stops a bulk: rows that wait are cancelled, rows at work are asked to stop, covers that
        are paid for stay.

        Args:
            bulk_id: Bulk id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "POST",
                "/v1/covers/bulk/{bulkId}/cancel",
                variables=wire.members(
                    ("bulkId", bulk_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body={},
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.Bulk),
        )

    def watch_bulk(
        self,
        bulk_id: str,
        *,
        fields: str | None = None,
        last_event_id_: str | None = None,
        last_event_id: str | None = None,
    ) -> AsyncIterator[models.Bulk]:
        """Sends the bulk now and at every change, and ends after a terminal status.

        A broken connection is made anew where it left off.

        Args:
            bulk_id: Bulk id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            last_event_id_: As the header Last-Event-ID, for those who cannot set it.
            last_event_id: Send only what is newer than this event.
        """
        return self._transport.events(
            Call(
                "GET",
                "/v1/covers/bulk/{bulkId}/events",
                variables=wire.members(
                    ("bulkId", bulk_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                    ("lastEventId", last_event_id_, wire.STRING),
                ),
            ),
            wire.model(lambda: models.Bulk),
            last_event_id,
        )

    async def retry_bulk(
        self,
        bulk_id: str,
        *,
        fields: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.Bulk:
        """Makes the failed rows of a bulk again, each as a new task.

        Args:
            bulk_id: Bulk id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "POST",
                "/v1/covers/bulk/{bulkId}/retry",
                variables=wire.members(
                    ("bulkId", bulk_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body={},
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.Bulk),
        )

    async def list_bulk_rows(
        self,
        bulk_id: str,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        state: models.BulkRowResultState | None = None,
        fields: str | None = None,
        page: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> models.ListBulkRowsResponse:
        """Lists the rows of a bulk in their order, each with its cover or the reason why it has
        none.

        Args:
            bulk_id: Bulk id.
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            state: Only rows in this state.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            page: Page, from 1, for those who do not follow `nextPageToken`.
            limit: Another name for `pageSize`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "GET",
                "/v1/covers/bulk/{bulkId}/rows",
                variables=wire.members(
                    ("bulkId", bulk_id, wire.STRING),
                ),
                query=wire.members(
                    ("pageSize", page_size, wire.INTEGER),
                    ("pageToken", page_token, wire.STRING),
                    ("state", state, wire.choice(lambda: models.BulkRowResultState)),
                    ("fields", fields, wire.STRING),
                    ("page", page, wire.INTEGER),
                    ("limit", limit, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListBulkRowsResponse),
        )

    async def iter_bulk_rows(
        self,
        bulk_id: str,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        state: models.BulkRowResultState | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[models.BulkRowResult]:
        """Lists the rows of a bulk in their order, each with its cover or the reason why it has
        none.

        Goes on from page to page.

        Args:
            bulk_id: Bulk id.
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            state: Only rows in this state.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        if fields:
            fields = f"{fields},nextPageToken"
        while True:
            _page = await self.list_bulk_rows(
                bulk_id,
                page_size=page_size,
                page_token=page_token,
                state=state,
                fields=fields,
                timeout=timeout,
            )
            for _item in _page.rows:
                yield _item
            if not _page.next_page_token:
                return
            page_token = _page.next_page_token

    async def generate(
        self,
        *,
        title: str,
        sizes: Sequence[models.Size],
        subtitle: str | None = None,
        template_id: str | None = None,
        variants: int | None = None,
        seed: int | None = None,
        formats: Sequence[Literal["png", "jpeg", "webp"]] | None = None,
        palette_id: str | None = None,
        colors: Sequence[str] | None = None,
        font: str | None = None,
        kicker: str | None = None,
        photo: models.Photo | None = None,
        brand_kit_id: str | None = None,
        fields: str | None = None,
        prefer: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.GenerateResponse:
        """Makes covers: answers at once with a task, whose progress GetTask and WatchTask tell.

        Args:
            title: Title: 1 to 120 characters as people count them.
            sizes: Sizes, 1 to 16.
            subtitle: Second line; may be empty.
            template_id: Template; empty means one is chosen.
            variants: Designs to make, 1 to 8; 0 means 1. Each costs one unit.
            seed: Seed; the same seed gives the same picture. Absent means one is drawn.
            formats: Formats: `png`, `jpeg`, `webp`; none means `png`.
            palette_id: Palette of the template; empty means its default.
            colors: Colours as #RRGGBB, 2 to 6, background first. They replace the palette.
            font: Typeface of the title, by id; empty means the template's own.
            kicker: A short line above the title, at most 40 characters.
            photo: A photo of the caller's as the background.
            brand_kit_id: Brand kit whose colours, typeface and logo are used where the request
                names none itself.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            prefer: `links` or `links=off`: whether the answer holds `_links`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "POST",
                "/v1/covers/generate",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                headers=wire.members(
                    ("Prefer", prefer, wire.STRING),
                ),
                body=wire.members(
                    ("title", title, wire.STRING),
                    ("sizes", sizes, wire.array(wire.model(lambda: models.Size))),
                    ("subtitle", subtitle, wire.STRING),
                    ("templateId", template_id, wire.STRING),
                    ("variants", variants, wire.INTEGER),
                    ("seed", seed, wire.INT64),
                    ("formats", formats, wire.array(wire.STRING)),
                    ("paletteId", palette_id, wire.STRING),
                    ("colors", colors, wire.array(wire.STRING)),
                    ("font", font, wire.STRING),
                    ("kicker", kicker, wire.STRING),
                    ("photo", photo, wire.model(lambda: models.Photo)),
                    ("brandKitId", brand_kit_id, wire.STRING),
                ),
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.GenerateResponse),
        )

    async def list_history(
        self,
        *,
        cover_id: str | None = None,
        task_id: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        fields: str | None = None,
        page: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> models.ListHistoryResponse:
        """Lists what happened to the caller's generations, newest first: of all of them, of one
        task, or of one cover, also after it was deleted.

        Args:
            cover_id: Only what happened to this cover.
            task_id: Only what happened to this task.
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            page: Page, from 1, for those who do not follow `nextPageToken`.
            limit: Another name for `pageSize`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "GET",
                "/v1/covers/history",
                query=wire.members(
                    ("coverId", cover_id, wire.STRING),
                    ("taskId", task_id, wire.STRING),
                    ("pageSize", page_size, wire.INTEGER),
                    ("pageToken", page_token, wire.STRING),
                    ("fields", fields, wire.STRING),
                    ("page", page, wire.INTEGER),
                    ("limit", limit, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListHistoryResponse),
        )

    async def iter_history(
        self,
        *,
        cover_id: str | None = None,
        task_id: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[models.GenerationEvent]:
        """Lists what happened to the caller's generations, newest first: of all of them, of one
        task, or of one cover, also after it was deleted.

        Goes on from page to page.

        Args:
            cover_id: Only what happened to this cover.
            task_id: Only what happened to this task.
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        if fields:
            fields = f"{fields},nextPageToken"
        while True:
            _page = await self.list_history(
                cover_id=cover_id,
                task_id=task_id,
                page_size=page_size,
                page_token=page_token,
                fields=fields,
                timeout=timeout,
            )
            for _item in _page.events:
                yield _item
            if not _page.next_page_token:
                return
            page_token = _page.next_page_token

    async def preview(
        self,
        *,
        title: str,
        sizes: Sequence[models.Size],
        subtitle: str | None = None,
        template_id: str | None = None,
        variants: int | None = None,
        seed: int | None = None,
        formats: Sequence[Literal["png", "jpeg", "webp"]] | None = None,
        palette_id: str | None = None,
        request_id: str | None = None,
        accept: str | None = None,
        colors: Sequence[str] | None = None,
        font: str | None = None,
        kicker: str | None = None,
        photo: models.Photo | None = None,
        brand_kit_id: str | None = None,
        timeout: float | None = None,
    ) -> bytes:
        """Renders the first size at screen size and keeps nothing.

        The answer is an image.

        Args:
            title: Title: 1 to 120 characters as people count them.
            sizes: Sizes; the first is rendered, scaled to at most 1280 pixels on its long side.
            subtitle: Second line; may be empty.
            template_id: Template; empty means one is chosen.
            variants: Which variant to show counts from the seed; ignored here.
            seed: Seed; absent means one that stays the same for a person, so that typing does not
                flicker.
            formats: Ignored: the Accept header chooses.
            palette_id: Palette of the template; empty means its default.
            request_id: Ignored, so that a GenerateRequest can be sent as it is.
            accept: Media types the caller takes, as in the Accept header.
            colors: Colours as #RRGGBB, 2 to 6, background first. They replace the palette.
            font: Typeface of the title, by id; empty means the template's own.
            kicker: A short line above the title, at most 40 characters.
            photo: A photo of the caller's as the background.
            brand_kit_id: Brand kit whose colours, typeface and logo are used where the request
                names none itself.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.content(
            Call(
                "POST",
                "/v1/covers/preview",
                body=wire.members(
                    ("title", title, wire.STRING),
                    ("sizes", sizes, wire.array(wire.model(lambda: models.Size))),
                    ("subtitle", subtitle, wire.STRING),
                    ("templateId", template_id, wire.STRING),
                    ("variants", variants, wire.INTEGER),
                    ("seed", seed, wire.INT64),
                    ("formats", formats, wire.array(wire.STRING)),
                    ("paletteId", palette_id, wire.STRING),
                    ("requestId", request_id, wire.STRING),
                    ("accept", accept, wire.STRING),
                    ("colors", colors, wire.array(wire.STRING)),
                    ("font", font, wire.STRING),
                    ("kicker", kicker, wire.STRING),
                    ("photo", photo, wire.model(lambda: models.Photo)),
                    ("brandKitId", brand_kit_id, wire.STRING),
                ),
                timeout=timeout,
            ),
        )

    async def suggest_palettes(
        self,
        *,
        asset_id: str | None = None,
        mood: str | None = None,
        template_id: str | None = None,
        seed: int | None = None,
        count: int | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.SuggestPalettesResponse:
        """Suggests palettes from a photo, a mood word or a template.

        Args:
            asset_id: A photo of the caller's, by asset id.
            mood: A mood, such as `calm`.
            template_id: A template, by id.
            seed: Seed: another one gives other colours of the same mood.
            count: Palettes wanted, at most 12; 0 means 5. A photo may hold fewer.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "POST",
                "/v1/covers/suggest-palettes",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body=wire.members(
                    ("assetId", asset_id, wire.STRING),
                    ("mood", mood, wire.STRING),
                    ("templateId", template_id, wire.STRING),
                    ("seed", seed, wire.INT64),
                    ("count", count, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.SuggestPalettesResponse),
        )

    async def suggest_titles(
        self,
        *,
        topic: str | None = None,
        keywords: Sequence[str] | None = None,
        draft_title: str | None = None,
        language: Literal["", "en", "zh"] | None = None,
        max_characters: int | None = None,
        count: int | None = None,
        seed: int | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.SuggestTitlesResponse:
        """Suggests titles for a topic, by rules: the same request and seed give the same titles.

        Args:
            topic: What it is about, in a few words; this, keywords or a draft must be there.
            keywords: Words that matter.
            draft_title: A title to be made better.
            language: Language: `en` or `zh`; empty means that of the texts.
            max_characters: Longest title in characters as people count them, 8 to 120; 0 means what
                reads well on a cover: 48 in English, 20 in Chinese.
            count: Titles wanted, at most 20; 0 means 8.
            seed: Seed: another one gives other titles.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "POST",
                "/v1/covers/suggest-titles",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body=wire.members(
                    ("topic", topic, wire.STRING),
                    ("keywords", keywords, wire.array(wire.STRING)),
                    ("draftTitle", draft_title, wire.STRING),
                    ("language", language, wire.STRING),
                    ("maxCharacters", max_characters, wire.INTEGER),
                    ("count", count, wire.INTEGER),
                    ("seed", seed, wire.INT64),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.SuggestTitlesResponse),
        )

    async def list_tasks(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        state: models.ListTasksRequestState | None = None,
        fields: str | None = None,
        page: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> models.ListTasksResponse:
        """Lists the caller's generations in the workspace they act in, newest first: all of them,
        or those in one state.

        Each is as GetTask tells it, but without its covers, which GetTask and ListCovers hold. The
        rows of bulks are not among them; ListBulks and ListBulkRows tell of those.

        Args:
            page_size: At most this many; 0 means 20. A page of OPEN or FAILED may hold fewer, or
                none, although others follow: where each stands is looked at only when the page is
                put together.
            page_token: Token of the page wanted; good for the state that it was given for.
            state: Only generations in this state.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            page: Page, from 1, for those who do not follow `nextPageToken`.
            limit: Another name for `pageSize`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "GET",
                "/v1/covers/tasks",
                query=wire.members(
                    ("pageSize", page_size, wire.INTEGER),
                    ("pageToken", page_token, wire.STRING),
                    ("state", state, wire.choice(lambda: models.ListTasksRequestState)),
                    ("fields", fields, wire.STRING),
                    ("page", page, wire.INTEGER),
                    ("limit", limit, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListTasksResponse),
        )

    async def iter_tasks(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        state: models.ListTasksRequestState | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[models.CoverTask]:
        """Lists the caller's generations in the workspace they act in, newest first: all of them,
        or those in one state.

        Each is as GetTask tells it, but without its covers, which GetTask and ListCovers hold. The
        rows of bulks are not among them; ListBulks and ListBulkRows tell of those.

        Goes on from page to page.

        Args:
            page_size: At most this many; 0 means 20. A page of OPEN or FAILED may hold fewer, or
                none, although others follow: where each stands is looked at only when the page is
                put together.
            page_token: Token of the page wanted; good for the state that it was given for.
            state: Only generations in this state.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        if fields:
            fields = f"{fields},nextPageToken"
        while True:
            _page = await self.list_tasks(
                page_size=page_size,
                page_token=page_token,
                state=state,
                fields=fields,
                timeout=timeout,
            )
            for _item in _page.tasks:
                yield _item
            if not _page.next_page_token:
                return
            page_token = _page.next_page_token

    async def get_task(
        self,
        task_id: str,
        *,
        fields: str | None = None,
        prefer: str | None = None,
        timeout: float | None = None,
    ) -> models.CoverTask:
        """Returns a generation task and, once it has succeeded, its covers.

        Args:
            task_id: Task id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            prefer: `links` or `links=off`: whether the answer holds `_links`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "GET",
                "/v1/covers/tasks/{taskId}",
                variables=wire.members(
                    ("taskId", task_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                headers=wire.members(
                    ("Prefer", prefer, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.CoverTask),
        )

    async def cancel_task(
        self,
        task_id: str,
        *,
        fields: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.CoverTask:
        """Asks for a task to be cancelled.

        One whose covers are already paid for goes on and succeeds.

        Args:
            task_id: Task id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "POST",
                "/v1/covers/tasks/{taskId}/cancel",
                variables=wire.members(
                    ("taskId", task_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body={},
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.CoverTask),
        )

    def watch_task(
        self,
        task_id: str,
        *,
        fields: str | None = None,
        last_event_id_: str | None = None,
        last_event_id: str | None = None,
    ) -> AsyncIterator[models.CoverTask]:
        """Sends the task now and at every change, and ends after a terminal status.

        A broken connection is made anew where it left off.

        Args:
            task_id: Task id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            last_event_id_: As the header Last-Event-ID, for those who cannot set it.
            last_event_id: Send only what is newer than this event.
        """
        return self._transport.events(
            Call(
                "GET",
                "/v1/covers/tasks/{taskId}/events",
                variables=wire.members(
                    ("taskId", task_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                    ("lastEventId", last_event_id_, wire.STRING),
                ),
            ),
            wire.model(lambda: models.CoverTask),
            last_event_id,
        )

    async def get_cover(
        self,
        cover_id: str,
        *,
        fields: str | None = None,
        prefer: str | None = None,
        timeout: float | None = None,
    ) -> models.Cover:
        """Returns one cover.

        Args:
            cover_id: Cover id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            prefer: `links` or `links=off`: whether the answer holds `_links`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "GET",
                "/v1/covers/{coverId}",
                variables=wire.members(
                    ("coverId", cover_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                headers=wire.members(
                    ("Prefer", prefer, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.Cover),
        )

    async def delete_cover(
        self,
        cover_id: str,
        *,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.DeleteCoverResponse:
        """Deletes a cover and its files.

        Deleting it again is no error.

        Args:
            cover_id: Cover id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "DELETE",
                "/v1/covers/{coverId}",
                variables=wire.members(
                    ("coverId", cover_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.DeleteCoverResponse),
        )

    async def favorite_cover(
        self,
        cover_id: str,
        *,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.Cover:
        """Marks a cover as a favourite.

        Args:
            cover_id: Cover id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "POST",
                "/v1/covers/{coverId}/favorite",
                variables=wire.members(
                    ("coverId", cover_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body={},
                timeout=timeout,
            ),
            wire.model(lambda: models.Cover),
        )

    async def unfavorite_cover(
        self,
        cover_id: str,
        *,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.Cover:
        """Takes a cover out of the favourites.

        Args:
            cover_id: Cover id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "DELETE",
                "/v1/covers/{coverId}/favorite",
                variables=wire.members(
                    ("coverId", cover_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.Cover),
        )

    async def regenerate_cover(
        self,
        cover_id: str,
        *,
        seed: int | None = None,
        fields: str | None = None,
        prefer: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.GenerateResponse:
        """Makes one cover again with another seed, everything else as it was.

        Costs one unit; the cover it comes from stays.

        Args:
            cover_id: Cover id.
            seed: Seed of the new cover; absent means one is drawn.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            prefer: `links` or `links=off`: whether the answer holds `_links`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "POST",
                "/v1/covers/{coverId}/regenerate",
                variables=wire.members(
                    ("coverId", cover_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                headers=wire.members(
                    ("Prefer", prefer, wire.STRING),
                ),
                body=wire.members(
                    ("seed", seed, wire.INT64),
                ),
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.GenerateResponse),
        )
