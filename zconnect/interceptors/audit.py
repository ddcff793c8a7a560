"""<zosconnect_auditInterceptor>: one line of JSON for every request, named after the SMF record 123 subtype 1 (see `record.py`)."""

import logging
import time
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Literal

from zconnect.config.schema import attr, element
from zconnect.errors import Refused
from zconnect.interceptors.appendfile import AppendFile
from zconnect.interceptors.record import Records
from zconnect.messages import error, warning
from zconnect.roles import Assembly, Interceptor, InterceptorPart
from zconnect.values import Call, Identity, Outcome, Request, Resource

MOST_HEADERS = 4  # SMF123S1_REQ_HDR1 to 4
TOO_MANY = error(
    "BAQR0802E",
    "The audit interceptor names {count} headers in {attribute}, but a record holds {most}; none is recorded.",
    "Name at most four headers.",
)
NO_HEADERS = warning(
    "BAQR0805E",
    "The audit interceptor names headers in {attribute}, but records of version 1 hold none.",
    "Set apiProviderSmfVersion to 2.",
)

_REQUESTER = "there are no API requesters"

logger = logging.getLogger(__name__)


@element
class AuditInterceptor(InterceptorPart):
    """Writes who called what, when, and how it ended, to logs/audit.log; the line is in the file before the answer leaves.

    <zosconnect_auditInterceptor id="audit" sequence="1" apiProviderSmfVersion="2" apiProviderRequestHeaders="X-Request-ID"/>
    """

    tag: ClassVar[str] = "zosconnect_auditInterceptor"

    audit_file: Path = attr(
        default=Path("audit.log"), doc="The file of the records; a relative path is below the folder of the logs (ours, not Liberty's)"
    )
    api_provider_smf_version: Literal["1", "2"] = attr(default="1", doc="Version of the records; with 2 they hold request headers")
    api_provider_request_headers: tuple[str, ...] = attr(default=(), doc="Request headers to record, at most four; needs version 2")
    api_provider_response_headers: tuple[str, ...] = attr(
        default=(),
        doc="The response headers that are recorded",
        unused="interceptors see the length and status of a response, not its headers",
    )
    api_provider_max_delay: timedelta | None = attr(
        default=None, doc="How long a record may wait for others", unused="no record waits: each is written before its answer leaves"
    )
    api_requester_smf_version: Literal["1", "2"] = attr(default="1", doc="The version of the records of API requesters", unused=_REQUESTER)
    api_requester_request_headers: tuple[str, ...] = attr(
        default=(), doc="The request headers of API requesters that are recorded", unused=_REQUESTER
    )
    api_requester_response_headers: tuple[str, ...] = attr(
        default=(), doc="The response headers of API requesters that are recorded", unused=_REQUESTER
    )
    api_requester_max_delay: timedelta | None = attr(
        default=None, doc="How long an API requester record may wait for others", unused=_REQUESTER
    )
    api_requester_early_failure: bool = attr(
        default=False,
        doc="Whether calls of API requesters that fail to authenticate are recorded",
        unused="every early failure is recorded, whatever its kind",
    )

    async def open(self, assembly: Assembly) -> Interceptor:
        """Open the file; raises `Unavailable`, because a server that must keep records does not run without."""
        file = AppendFile(assembly.place.log_dir / self.audit_file, self.tag)
        assembly.closing(file.close)
        return _Audit(self.sequence, Records(assembly.place, self._headers()), file)

    def _headers(self) -> tuple[str, ...]:
        names = self.api_provider_request_headers
        if names and self.api_provider_smf_version == "1":
            NO_HEADERS.log(logger, attribute="apiProviderRequestHeaders")
            return ()
        if len(names) > MOST_HEADERS:
            TOO_MANY.log(logger, count=len(names), attribute="apiProviderRequestHeaders", most=MOST_HEADERS)
            return ()
        return names


class _Audit(Interceptor):
    """The open interceptor."""

    def __init__(self, sequence: int, records: Records, file: AppendFile) -> None:
        self.sequence = sequence
        self._records = records
        self._file = file

    async def post_invoke(self, call: Call, outcome: Outcome) -> None:
        """Write the record of a call."""
        self._file.append(self._records.of(call.request, call.identity, call.resource, outcome), outcome.completed)

    async def early_failure(self, request: Request, identity: Identity | None, resource: Resource, refusal: Refused) -> None:
        """Write the record of a request that never became a call."""
        outcome = Outcome(refusal.status, len(refusal.body), time.time(), refusal.reason)
        self._file.append(self._records.of(request, identity, resource, outcome), outcome.completed)
