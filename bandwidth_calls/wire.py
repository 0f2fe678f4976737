"""Names and addresses on the wire: paths, the base URL, the next-page link, an answer. No input or output here."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode, urljoin, urlsplit

import attrs
import msgspec

from bandwidth_calls import checks
from bandwidth_calls.errors import BadAnswerError, UntrustedLinkError

if TYPE_CHECKING:
    from multidict import CIMultiDictProxy

_ID = re.compile(r"[A-Za-z0-9._~-]+")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)+/?")
_VISIBLE = re.compile(r"[!-~]*")
_LINK_END = re.compile(r"[ \t,]*\Z")
_LINK_TARGET = re.compile(r"[\s,]*<([^>]*)>")
_LINK_PARAMETER = re.compile(r'\s*;\s*([^\s;,="]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?')
_LONGEST_HOST = 100
_PORTS = {"http": 80, "https": 443}

Query = Mapping[str, str | int | float | bool | datetime | None]


@cache
def wire_name(field: str) -> str:
    """Return the name of a field in JSON: `answerUrl` for `answer_url`, `from` for `from_`."""
    first, *rest = field.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


@attrs.frozen(slots=False)
class Answer:
    """What the API answered: `status`, `headers` (names in any case) and the decompressed `body`.

    `attempts` counts the requests that left for it; `sent_at` (aware) is when the last of them left. `label` is the
    method and path of the request.
    """

    status: int
    headers: CIMultiDictProxy[str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    label: str = ""
    attempts: int = 1
    sent_at: datetime | None = None

    def json(self) -> Any:
        """Decode the body; BadAnswerError when it is not JSON."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            why = f"not JSON ({error})" if self.body else "empty, where JSON was expected"
        raise self.bad("$", why)

    def bad(self, where: str, why: str) -> BadAnswerError:
        """Return the error for an answer that is not of the documented shape."""
        return BadAnswerError(
            f"{self.label}: answered {self.status}, but {where} is {why}",
            self.status,
            where,
            attempts=self.attempts,
            sent_at=self.sent_at,
            may_have_taken_effect=not self.label.startswith(("GET ", "HEAD ")),
        )


@attrs.frozen
class BaseUrl:
    """The base URL of an API: the one origin that credentials are sent to, and the path before every other."""

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, field: str, value: str, *, allow_http: bool = False) -> BaseUrl:
        """Read an absolute URL; plain http is for loopback hosts only, unless `allow_http` is set."""
        checks.url(field, value)
        parts = urlsplit(value)
        host = parts.hostname or ""
        if parts.username is not None or parts.query or parts.fragment or not _VISIBLE.fullmatch(value):
            raise ValueError(f"{field}: must have no user, query or fragment, and nothing but ASCII")
        if parts.path.strip("/") and not _is_path(parts.path):
            raise ValueError(f"{field}: its path must have no //, no . or .. and no odd characters")
        if parts.scheme != "https" and not allow_http and not _is_loopback(host):
            raise ValueError(
                f"{field}: must use https, since credentials are sent there (or set allow_http, BW_ALLOW_HTTP=1)"
            )
        return cls(parts.scheme, host, parts.port or _PORTS[parts.scheme], parts.path.rstrip("/"))

    @cached_property
    def origin(self) -> str:
        """Scheme, host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_path(path: str) -> bool:
    return bool(_PATH.fullmatch(path)) and not any(part in (".", "..") for part in re.split(r"[/\\]", unquote(path)))


def identifier(field: str, value: object) -> str:
    """Check an id and quote it for a path: letters, digits and `-._~`, and neither `.` nor `..`."""
    if not isinstance(value, str):  # an id that consists of digits is easily written as a number
        example = f', such as "{value}"' if type(value) is int else ""
        raise ValueError(f"{field}: must be text{example}, not {type(value).__name__}")
    if not _ID.fullmatch(value) or value in (".", ".."):
        raise ValueError(f"{field}: {value!r} is not an id: an id has letters, digits and -._~ only")
    return quote(value, safe="")


def path(template: str, **ids: str) -> str:
    """Fill a path such as `/accounts/{account_id}/calls` with checked ids."""
    return template.format(**{field: identifier(field, value) for field, value in ids.items()})


def checked_path(value: str) -> str:
    """Check a path that a caller wrote: one leading slash, no `//`, `?` or `..`."""
    if not isinstance(value, str) or not _is_path(value):
        raise ValueError(f"path: must start with one / and have no //, ?, # or .., not {value!r}")
    return value


def timestamp(value: datetime) -> str:
    """Write an aware time as ISO 8601 in UTC: with milliseconds, or microseconds if it has them."""
    time = checks.aware("time", value)
    exact = time.microsecond % 1000 == 0
    return time.isoformat(timespec="milliseconds" if exact else "microseconds").replace("+00:00", "Z")


def query(params: Query) -> str:
    """Write query parameters, without those that are None."""
    return urlencode({name: _parameter(name, value) for name, value in params.items() if value is not None})


def _parameter(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return timestamp(checks.aware(name, value))
    if isinstance(value, int | float):
        checks.number(name, value, float("-inf"))
        # Not str(): a member of `class Cause(str, Enum)` would be sent as "Cause.HANGUP".
        return int.__repr__(value) if isinstance(value, int) else float.__repr__(value)
    return str.__str__(checks.text(name, value))


def next_link(headers: Iterable[str]) -> str | None:
    """Return the target of relation `next` in the values of `Link` headers (RFC 8288).

    A value that cannot be read and mentions `next` is an UntrustedLinkError, since ignoring it might lose pages.
    """
    for header in headers:
        for target, parameters in _links(header):
            relations = next((value for name, value in parameters if name.lower() == "rel"), "")
            if "next" in relations.lower().split():
                return target
    return None


def _links(header: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    position = 0
    while not _LINK_END.match(header, position):
        found = _LINK_TARGET.match(header, position)
        if found is None:
            if "next" in header[position:].lower():
                raise UntrustedLinkError("a Link header that speaks of a next page cannot be read")
            return
        target, parameters, position = found[1].strip(), [], found.end()
        while parameter := _LINK_PARAMETER.match(header, position):
            quoted = re.sub(r"\\(.)", r"\1", parameter[2] or "")
            parameters.append((parameter[1], quoted or parameter[3] or ""))
            position = parameter.end()
        yield target, parameters


def redirect_target(headers: Mapping[str, str], url: str) -> str:
    """Return the URL that a redirect from a URL leads to; an empty text when it leads to none of http or https."""
    try:
        target = urljoin(url, headers.get("Location", ""))
        parts = urlsplit(target)
        known = parts.scheme in _PORTS and bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return ""
    return parts._replace(fragment="").geturl() if known and _VISIBLE.fullmatch(target) else ""


def origin_of(url: str) -> str:
    """Return the origin of an absolute URL, without a port that is the scheme's own."""
    parts = urlsplit(url)
    return BaseUrl(parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme], "").origin


def follow(link: str, base: BaseUrl, path: str) -> str:
    """Return the query of a next-page link, which must lead to the path it was found at, on the base's origin.

    Only the query is taken from the link. Scheme, host and path stay our own, whatever the link says.
    """
    here = base.path + path
    if not _VISIBLE.fullmatch(link) or "\\" in link:
        raise UntrustedLinkError("a next-page link holds odd characters")
    try:
        parts = urlsplit(urljoin(base.origin + here, link))
        port = _PORTS.get(parts.scheme) if parts.port is None else parts.port
    except ValueError:
        raise UntrustedLinkError("a next-page link cannot be read") from None
    if (parts.scheme, parts.hostname, port, parts.username) != (base.scheme, base.host, base.port, None):
        host = (parts.hostname or "")[:_LONGEST_HOST]  # no more of the link: it may hold what was sent
        raise UntrustedLinkError(f"a next-page link leads to another origin: {parts.scheme}://{host}:{port}")
    if parts.path != here:
        raise UntrustedLinkError("a next-page link leads out of its listing")
    if not parts.query:
        raise UntrustedLinkError("a next-page link has no query, so it leads back to the beginning")
    return parts.query
