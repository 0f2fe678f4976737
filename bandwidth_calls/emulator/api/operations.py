"""The operations of the API, and the order in which any request is checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.api import calls, conferences, recordings, statistics, transcriptions
from bandwidth_calls.emulator.api.messages import ApiError, HttpRequest, HttpResponse
from bandwidth_calls.emulator.api.routes import RouteTable

if TYPE_CHECKING:
    from bandwidth_calls.emulator.api.credentials import Credentials
    from bandwidth_calls.emulator.api.routes import Account, Target

ROUTES = RouteTable(
    (*calls.ROUTES, *statistics.ROUTES, *recordings.ROUTES, *conferences.ROUTES, *transcriptions.ROUTES)
)
# What a fault can be asked for: an operation, the token endpoint, or any request.
FALLIBLE = (*ROUTES.operations, "token", "*")


@attrs.frozen(eq=False, repr=False)
class Operations:
    """Answers requests to the API. The checks come in this order: 401, 403, 404 or 405, 415, 400, 404, 409, 429."""

    account: Account
    credentials: Credentials

    def respond(self, request: HttpRequest, target: Target) -> HttpResponse:
        """Answer a request for this target. Errors are responses, too."""
        try:
            return self._respond(request, target)
        except ApiError as error:
            return error.response()

    def _respond(self, request: HttpRequest, target: Target) -> HttpResponse:
        forbidden = self.credentials.is_forbidden(request.headers.get("Authorization", ""))
        if forbidden or target.account_id not in (None, self.account.account_id):
            raise ApiError(403)
        if not target.methods:
            raise ApiError(404, "Not Found")
        if target.route is None:
            raise ApiError(405, headers={"Allow": ", ".join(target.methods)})
        return target.route.handler(self.account, request, **target.ids)
