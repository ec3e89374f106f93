"""How a provider speaks HTTP: the exchange, credentials, rate limits, error mapping, redaction, and safe fetching.

Every name is loaded when it is first used, and aiohttp only when a session is opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import lazy_names

if TYPE_CHECKING:
    from .address import Query as Query
    from .answer import Answer as Answer
    from .auth import Auth as Auth
    from .auth import BearerToken as BearerToken
    from .auth import NoAuth as NoAuth
    from .auth import StaticHeaders as StaticHeaders
    from .auth import TokenExchange as TokenExchange
    from .body import FilePart as FilePart
    from .body import path_segment as path_segment
    from .callbacks import CallbackReceiver as CallbackReceiver
    from .destination import checked_url as checked_url
    from .device_flow import OAuth2DeviceFlow as OAuth2DeviceFlow
    from .exchange import HttpClient as HttpClient
    from .fetch import FetchLimits as FetchLimits
    from .fetch import SafeFetcher as SafeFetcher
    from .image_header import image_size as image_size
    from .image_header import image_type as image_type
    from .limits import HttpLimits as HttpLimits
    from .oauth import OAuth2ClientCredentials as OAuth2ClientCredentials
    from .oauth import OAuth2Password as OAuth2Password
    from .oauth import OAuth2Refresh as OAuth2Refresh
    from .oauth import TokenEndpoint as TokenEndpoint
    from .problems import Classify as Classify
    from .problems import problem_of as problem_of
    from .rate_limit import LimiterGroup as LimiterGroup
    from .rate_limit import Rate as Rate
    from .rate_limit import RateLimiter as RateLimiter
    from .redaction import Redactor as Redactor
    from .redaction import Secret as Secret
    from .session import ConnectionLimits as ConnectionLimits
    from .session import SessionPool as SessionPool
    from .stream import Stream as Stream
    from .token_store import FileTokenStore as FileTokenStore
    from .token_store import KeyringTokenStore as KeyringTokenStore
    from .token_store import TokenStore as TokenStore

_HOMES = {
    "Answer": "answer",
    "Auth": "auth",
    "BearerToken": "auth",
    "CallbackReceiver": "callbacks",
    "Classify": "problems",
    "ConnectionLimits": "session",
    "FetchLimits": "fetch",
    "FilePart": "body",
    "FileTokenStore": "token_store",
    "HttpClient": "exchange",
    "HttpLimits": "limits",
    "KeyringTokenStore": "token_store",
    "LimiterGroup": "rate_limit",
    "NoAuth": "auth",
    "OAuth2ClientCredentials": "oauth",
    "OAuth2DeviceFlow": "device_flow",
    "OAuth2Password": "oauth",
    "OAuth2Refresh": "oauth",
    "Query": "address",
    "Rate": "rate_limit",
    "RateLimiter": "rate_limit",
    "Redactor": "redaction",
    "SafeFetcher": "fetch",
    "Secret": "redaction",
    "SessionPool": "session",
    "StaticHeaders": "auth",
    "Stream": "stream",
    "TokenEndpoint": "oauth",
    "TokenExchange": "auth",
    "TokenStore": "token_store",
    "checked_url": "destination",
    "image_size": "image_header",
    "image_type": "image_header",
    "path_segment": "body",
    "problem_of": "problems",
}

__all__ = sorted(_HOMES)
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_names(__name__, _HOMES)
