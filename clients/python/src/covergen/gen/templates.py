"""Templates.

Generated from the OpenAPI document; not to be edited.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Literal

from covergen import _wire as wire
from covergen._async import AsyncTransport
from covergen._call import Call
from covergen._sync import SyncTransport

from . import models


class TemplatesApi:
    """Templates."""

    def __init__(self, transport: SyncTransport) -> None:
        self._transport = transport

    def list_templates(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        category: str | None = None,
        premium: bool | None = None,
        mine: bool | None = None,
        query: str | None = None,
        order_by: Literal["", "gallery", "popularity", "popularity desc", "name", "newest", "create_time desc"] | None = None,
        filter: str | None = None,
        fields: str | None = None,
        page: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> models.ListTemplatesResponse:
        """Lists templates: the gallery, or with `mine` the workspace's own.

        Args:
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            category: Only this category.
            premium: Only premium templates, or only others.
            mine: The custom templates of the caller's workspace in place of the gallery.
            query: Only templates whose name, description or category holds every word.
            order_by: `gallery` (the default), `popularity`, `name` or `newest`.
            filter: Conditions joined by AND, such as `category = "travel" AND premium = false`; the
                names are `category`, `premium` and `mine`.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            page: Page, from 1, for those who do not follow `nextPageToken`.
            limit: Another name for `pageSize`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "GET",
                "/v1/templates",
                query=wire.members(
                    ("pageSize", page_size, wire.INTEGER),
                    ("pageToken", page_token, wire.STRING),
                    ("category", category, wire.STRING),
                    ("premium", premium, wire.BOOLEAN),
                    ("mine", mine, wire.BOOLEAN),
                    ("query", query, wire.STRING),
                    ("orderBy", order_by, wire.STRING),
                    ("filter", filter, wire.STRING),
                    ("fields", fields, wire.STRING),
                    ("page", page, wire.INTEGER),
                    ("limit", limit, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListTemplatesResponse),
        )

    def iter_templates(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        category: str | None = None,
        premium: bool | None = None,
        mine: bool | None = None,
        query: str | None = None,
        order_by: Literal["", "gallery", "popularity", "popularity desc", "name", "newest", "create_time desc"] | None = None,
        filter: str | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> Iterator[models.Template]:
        """Lists templates: the gallery, or with `mine` the workspace's own.

        Goes on from page to page.

        Args:
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            category: Only this category.
            premium: Only premium templates, or only others.
            mine: The custom templates of the caller's workspace in place of the gallery.
            query: Only templates whose name, description or category holds every word.
            order_by: `gallery` (the default), `popularity`, `name` or `newest`.
            filter: Conditions joined by AND, such as `category = "travel" AND premium = false`; the
                names are `category`, `premium` and `mine`.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        if fields:
            fields = f"{fields},nextPageToken"
        while True:
            _page = self.list_templates(
                page_size=page_size,
                page_token=page_token,
                category=category,
                premium=premium,
                mine=mine,
                query=query,
                order_by=order_by,
                filter=filter,
                fields=fields,
                timeout=timeout,
            )
            yield from _page.templates
            if not _page.next_page_token:
                return
            page_token = _page.next_page_token

    def list_categories(
        self,
        *,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.ListCategoriesResponse:
        """Lists the categories that templates stand in.

        Args:
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "GET",
                "/v1/templates/categories",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListCategoriesResponse),
        )

    def get_design_options(
        self,
        *,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.DesignOptions:
        """Returns what a custom template or a brand kit can be made of: typefaces, backgrounds and
        the choices of each setting.

        Args:
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "GET",
                "/v1/templates/design-options",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.DesignOptions),
        )

    def list_popular(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        category: str | None = None,
        fields: str | None = None,
        page: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> models.ListTemplatesResponse:
        """Lists the gallery's templates that are used most at present.

        Args:
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            category: Only this category.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            page: Page, from 1, for those who do not follow `nextPageToken`.
            limit: Another name for `pageSize`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "GET",
                "/v1/templates/popular",
                query=wire.members(
                    ("pageSize", page_size, wire.INTEGER),
                    ("pageToken", page_token, wire.STRING),
                    ("category", category, wire.STRING),
                    ("fields", fields, wire.STRING),
                    ("page", page, wire.INTEGER),
                    ("limit", limit, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListTemplatesResponse),
        )

    def iter_popular(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        category: str | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> Iterator[models.Template]:
        """Lists the gallery's templates that are used most at present.

        Goes on from page to page.

        Args:
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            category: Only this category.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        if fields:
            fields = f"{fields},nextPageToken"
        while True:
            _page = self.list_popular(
                page_size=page_size,
                page_token=page_token,
                category=category,
                fields=fields,
                timeout=timeout,
            )
            yield from _page.templates
            if not _page.next_page_token:
                return
            page_token = _page.next_page_token

    def get_template(
        self,
        template_id: str,
        *,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.Template:
        """Returns one template, in its newest version.

        Args:
            template_id: Template id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "GET",
                "/v1/templates/{templateId}",
                variables=wire.members(
                    ("templateId", template_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.Template),
        )

    def get_thumbnail(
        self,
        template_id: str,
        *,
        version: int | None = None,
        timeout: float | None = None,
    ) -> bytes:
        """Returns a small sample of a template as PNG.

        Args:
            template_id: Template id.
            version: Version; 0 means the newest.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.content(
            Call(
                "GET",
                "/v1/templates/{templateId}/thumbnail",
                variables=wire.members(
                    ("templateId", template_id, wire.STRING),
                ),
                query=wire.members(
                    ("version", version, wire.INTEGER),
                ),
                timeout=timeout,
            ),
        )

    def get_thumbnail_to(
        self,
        template_id: str,
        path: str | Path,
        *,
        version: int | None = None,
        timeout: float | None = None,
    ) -> Path:
        """Returns a small sample of a template as PNG.

        Args:
            template_id: Template id.
            version: Version; 0 means the newest.
            path: The file to write; it is there whole or not at all.
            timeout: Longest silence in seconds; by default the client's.
        """
        return self._transport.save(
            Call(
                "GET",
                "/v1/templates/{templateId}/thumbnail",
                variables=wire.members(
                    ("templateId", template_id, wire.STRING),
                ),
                query=wire.members(
                    ("version", version, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            path,
        )


class AsyncTemplatesApi:
    """Templates."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_templates(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        category: str | None = None,
        premium: bool | None = None,
        mine: bool | None = None,
        query: str | None = None,
        order_by: Literal["", "gallery", "popularity", "popularity desc", "name", "newest", "create_time desc"] | None = None,
        filter: str | None = None,
        fields: str | None = None,
        page: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> models.ListTemplatesResponse:
        """Lists templates: the gallery, or with `mine` the workspace's own.

        Args:
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            category: Only this category.
            premium: Only premium templates, or only others.
            mine: The custom templates of the caller's workspace in place of the gallery.
            query: Only templates whose name, description or category holds every word.
            order_by: `gallery` (the default), `popularity`, `name` or `newest`.
            filter: Conditions joined by AND, such as `category = "travel" AND premium = false`; the
                names are `category`, `premium` and `mine`.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            page: Page, from 1, for those who do not follow `nextPageToken`.
            limit: Another name for `pageSize`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "GET",
                "/v1/templates",
                query=wire.members(
                    ("pageSize", page_size, wire.INTEGER),
                    ("pageToken", page_token, wire.STRING),
                    ("category", category, wire.STRING),
                    ("premium", premium, wire.BOOLEAN),
                    ("mine", mine, wire.BOOLEAN),
                    ("query", query, wire.STRING),
                    ("orderBy", order_by, wire.STRING),
                    ("filter", filter, wire.STRING),
                    ("fields", fields, wire.STRING),
                    ("page", page, wire.INTEGER),
                    ("limit", limit, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListTemplatesResponse),
        )

    async def iter_templates(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        category: str | None = None,
        premium: bool | None = None,
        mine: bool | None = None,
        query: str | None = None,
        order_by: Literal["", "gallery", "popularity", "popularity desc", "name", "newest", "create_time desc"] | None = None,
        filter: str | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[models.Template]:
        """Lists templates: the gallery, or with `mine` the workspace's own.

        Goes on from page to page.

        Args:
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            category: Only this category.
            premium: Only premium templates, or only others.
            mine: The custom templates of the caller's workspace in place of the gallery.
            query: Only templates whose name, description or category holds every word.
            order_by: `gallery` (the default), `popularity`, `name` or `newest`.
            filter: Conditions joined by AND, such as `category = "travel" AND premium = false`; the
                names are `category`, `premium` and `mine`.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        if fields:
            fields = f"{fields},nextPageToken"
        while True:
            _page = await self.list_templates(
                page_size=page_size,
                page_token=page_token,
                category=category,
                premium=premium,
                mine=mine,
                query=query,
                order_by=order_by,
                filter=filter,
                fields=fields,
                timeout=timeout,
            )
            for _item in _page.templates:
                yield _item
            if not _page.next_page_token:
                return
            page_token = _page.next_page_token

    async def list_categories(
        self,
        *,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.ListCategoriesResponse:
        """Lists the categories that templates stand in.

        Args:
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "GET",
                "/v1/templates/categories",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListCategoriesResponse),
        )

    async def get_design_options(
        self,
        *,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.DesignOptions:
        """Returns what a custom template or a brand kit can be made of: typefaces, backgrounds and
        the choices of each setting.

        Args:
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "GET",
                "/v1/templates/design-options",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.DesignOptions),
        )

    async def list_popular(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        category: str | None = None,
        fields: str | None = None,
        page: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> models.ListTemplatesResponse:
        """Lists the gallery's templates that are used most at present.

        Args:
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            category: Only this category.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            page: Page, from 1, for those who do not follow `nextPageToken`.
            limit: Another name for `pageSize`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "GET",
                "/v1/templates/popular",
                query=wire.members(
                    ("pageSize", page_size, wire.INTEGER),
                    ("pageToken", page_token, wire.STRING),
                    ("category", category, wire.STRING),
                    ("fields", fields, wire.STRING),
                    ("page", page, wire.INTEGER),
                    ("limit", limit, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListTemplatesResponse),
        )

    async def iter_popular(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        category: str | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[models.Template]:
        """Lists the gallery's templates that are used most at present.

        Goes on from page to page.

        Args:
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            category: Only this category.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        if fields:
            fields = f"{fields},nextPageToken"
        while True:
            _page = await self.list_popular(
                page_size=page_size,
                page_token=page_token,
                category=category,
                fields=fields,
                timeout=timeout,
            )
            for _item in _page.templates:
                yield _item
            if not _page.next_page_token:
                return
            page_token = _page.next_page_token

    async def get_template(
        self,
        template_id: str,
        *,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.Template:
        """Returns one template, in its newest version.

        Args:
            template_id: Template id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "GET",
                "/v1/templates/{templateId}",
                variables=wire.members(
                    ("templateId", template_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.Template),
        )

    async def get_thumbnail(
        self,
        template_id: str,
        *,
        version: int | None = None,
        timeout: float | None = None,
    ) -> bytes:
        """Returns a small sample of a template as PNG.

        Args:
            template_id: Template id.
            version: Version; 0 means the newest.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.content(
            Call(
                "GET",
                "/v1/templates/{templateId}/thumbnail",
                variables=wire.members(
                    ("templateId", template_id, wire.STRING),
                ),
                query=wire.members(
                    ("version", version, wire.INTEGER),
                ),
                timeout=timeout,
            ),
        )

    async def get_thumbnail_to(
        self,
        template_id: str,
        path: str | Path,
        *,
        version: int | None = None,
        timeout: float | None = None,
    ) -> Path:
        """Returns a small sample of a template as PNG.

        Args:
            template_id: Template id.
            version: Version; 0 means the newest.
            path: The file to write; it is there whole or not at all.
            timeout: Longest silence in seconds; by default the client's.
        """
        return await self._transport.save(
            Call(
                "GET",
                "/v1/templates/{templateId}/thumbnail",
                variables=wire.members(
                    ("templateId", template_id, wire.STRING),
                ),
                query=wire.members(
                    ("version", version, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            path,
        )
