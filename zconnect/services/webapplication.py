"""<webApplication>: an ASGI application behind the guard, loaded from the folder `apps` of the server.

    <webApplication id="catalog" location="catalog:app" contextRoot="/catalog"/>

with `apps/catalog.py`:

    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def whoami(request):
        caller = request.state.identity  # zconnect.values.Identity, or None
        return JSONResponse({"user": request.user.display_name, "realm": caller.realm, "groups": request.auth.scopes})

    app = Starlette(routes=[Route("/whoami", whoami)])

Without a descriptor the application is an API under the rules of `zosconnect_zosConnectManager`. With one
(`apps/catalog/WEB-INF/web.xml` or `apps/catalog.web.xml`) its security constraints hold instead, and `application-bnd`
says who is in which role.
"""

import logging
import os
import time
from functools import partial
from pathlib import Path
from typing import ClassVar

from zconnect.config.schema import Element, attr, children, element
from zconnect.errors import ConfigurationError, Problem, Refused
from zconnect.messages import Told, audit, error, warning
from zconnect.roles import Assembly, Offer, ResourcePart, SecurityRole, Service
from zconnect.services.apis import api_of, warn_of_unserved
from zconnect.services.asgi import Application
from zconnect.services.descriptor import read_constraints
from zconnect.services.lifespan import Lifespan
from zconnect.trust.modules import Modules, attempted, place_of
from zconnect.values import Call, Kind, Response

STARTED = audit("CWWKZ0001I", "The application {application} started in {seconds} seconds.")
NOT_STARTED = error(
    "CWWKZ0002E",
    "The application {application} could not be started: {cause}. Its paths answer 503.",
    "Correct the application; it is loaded anew when its file changes.",
)
NOT_FOUND = error(
    "CWWKZ0014W",
    "The application {application} could not be started, because nothing was found at its location {location}. Its paths answer 503.",
    "Put the module into the folder apps of the server, or correct location: module:object.",
)
NO_APPLICATION = error(
    "ZCON0601E",
    "The application {application} is not available: {cause}.",
    "See the message that was written when the server started.",
)
TWO_DESCRIPTORS = error(
    "ZCON0602E",
    "The application {application} has two descriptors, {first} and {second}.",
    "Remove one: the server does not guess which constraints are meant.",
)
NO_DESCRIPTOR = warning(
    "ZCON0603W",
    "The application-bnd of {application} has no effect: without a web.xml nothing asks for its roles, and the manager's rules hold.",
    "Bind zosConnectAccess in authorization-roles, or write a web.xml beside the application.",
)

logger = logging.getLogger(__name__)


@element
class ApplicationBnd(Element):
    """Who holds the roles of an application."""

    tag: ClassVar[str] = "application-bnd"
    version: str = attr(default="", doc="The version of the binding's format", unused="all versions are alike here")
    security_roles: tuple[SecurityRole, ...] = children(guard=True, doc="The roles and their holders")


@element
class ClassLoader(Element):
    """Libraries of a Java application."""

    tag: ClassVar[str] = "classloader"
    unused: ClassVar[str | None] = "there is no Java"
    common_library_ref: tuple[str, ...] = attr(default=(), doc="The libraries that it shares with other applications")
    private_library_ref: tuple[str, ...] = attr(default=(), doc="The libraries that it has for itself")
    class_provider_ref: tuple[str, ...] = attr(default=(), doc="The resource adapters whose classes it sees")
    delegation: str = attr(default="parentFirst", doc="Whether its own classes are looked for first or last")
    api_type_visibility: tuple[str, ...] = attr(default=(), doc="The kinds of API that it sees")


@element
class WebExt(Element):
    """Extensions of a Java web module."""

    tag: ClassVar[str] = "web-ext"
    context_root: str = attr(name="context-root", default="", doc="The context root, where contextRoot is not given")
    default_error_page: str = attr(
        name="default-error-page", default="", doc="The page that is sent for errors", unused="an application answers its own errors"
    )
    enable_file_serving: bool = attr(
        name="enable-file-serving", default=True, doc="Whether files of the module are served", unused="an application serves its own files"
    )
    enable_directory_browsing: bool = attr(
        name="enable-directory-browsing",
        default=False,
        doc="Whether a folder is answered with a list of its files",
        unused="folders are never listed",
    )


@element
class WebApplication(ResourcePart):
    """An ASGI application under a context root.

    <webApplication id="catalog" location="catalog:app" contextRoot="/catalog">
        <application-bnd>
            <security-role name="buyer">
                <group name="buyers"/>
            </security-role>
        </application-bnd>
    </webApplication>
    """

    tag: ClassVar[str] = "webApplication"

    location: str = attr(doc="MODULE or MODULE:OBJECT below the folder apps; OBJECT is app where it is not named, and .war is left out")
    name: str = attr(default="", doc="The name of the application; without it the module's")
    context_root: str = attr(default="", guard=True, doc="The path below which the application answers; without it its name")
    auto_start: bool = attr(default=True, doc="Start it with the server; one that is not started has no paths")
    type: str = attr(default="", doc="The kind of archive that the application comes in", unused="an application is a Python module")
    suppress_uncovered_http_method_warning: bool = attr(
        default=False, doc="Say nothing of HTTP methods that no security constraint covers", unused="what is open is always announced"
    )
    start_after_ref: tuple[str, ...] = attr(
        default=(), doc="The ids of applications that are to be started before this one", unused="applications start in document order"
    )
    application_bnds: tuple[ApplicationBnd, ...] = children(guard=True, doc="Who holds the roles that web.xml asks for")
    classloaders: tuple[ClassLoader, ...] = children(doc="Which libraries a Java application sees")
    web_exts: tuple[WebExt, ...] = children(doc="Settings that the deployer of a web module makes")

    async def open(self, assembly: Assembly) -> tuple[Offer, ...]:
        """Load the application; one that cannot be loaded answers 503. Raises `ConfigurationError` on a bad descriptor."""
        if not self.auto_start:
            return ()
        folder = assembly.place.config_dir / "apps"
        descriptor = self._descriptor(folder, assembly)
        bindings = tuple(role for each in self.application_bnds for role in each.security_roles)
        if bindings and descriptor is None:
            NO_DESCRIPTOR.log(logger, application=self.title)
        service = await self._service(folder, assembly)
        await assembly.shared(_look_at_apis)
        if descriptor is not None:
            constraints = read_constraints(descriptor, bindings, self.title)
            return (Offer(pattern=f"{self.root}/*", kind=Kind.APPLICATION, name=self.title, protection=constraints, service=service),)
        return (self._api(service, assembly),)

    def _api(self, service: Service, assembly: Assembly) -> Offer:
        own = api_of(assembly.configuration, self.title)
        return Offer(
            pattern=f"{self.root}/*",
            kind=Kind.API,
            name=self.title,
            service=service,
            protection=own.protection,
            groups=own.groups,
            interceptors=own.interceptors,
            run_global_interceptors=own.run_global_interceptors,
        )

    @property
    def module(self) -> str:
        """The module of the application, dotted."""
        return self.location.strip().partition(":")[0].removesuffix(".war").replace("/", ".")

    @property
    def title(self) -> str:
        """What the application is called in messages and audit."""
        return self.name or self.module

    @property
    def root(self) -> str:
        """The context root, without a slash at its end; empty is the root of the server."""
        given = self.context_root or next((each.context_root for each in self.web_exts if each.context_root), "") or self.title
        path = given.strip("/")
        return f"/{path}" if path else ""

    def _descriptor(self, folder: Path, assembly: Assembly) -> Path | None:
        candidates = (folder / self.module.replace(".", "/") / "WEB-INF" / "web.xml", folder / f"{self.module}.web.xml")
        for each in candidates:
            assembly.watch(each)
        found = [each for each in candidates if os.path.lexists(each)]
        if len(found) > 1:
            told = TWO_DESCRIPTORS(application=self.title, first=found[0], second=found[1])
            raise ConfigurationError([Problem(told, self.where, stops=True)])
        return found[0] if found else None

    async def _service(self, folder: Path, assembly: Assembly) -> Service:
        began = time.monotonic()
        modules = Modules(folder)
        app = await attempted(partial(modules.find, self.module, self.location.strip().partition(":")[2] or "app"))
        if not isinstance(app, BaseException) and not callable(app):
            app = TypeError(f"{self.location} is not an ASGI application")
        _watch(modules, folder / f"{self.module.replace('.', '/')}.py", assembly)
        if isinstance(app, BaseException):
            modules.forget()
            return self._failed(app)
        return await self._living(app, modules, began, assembly)

    def _failed(self, cause: BaseException) -> Service:
        if isinstance(cause, ModuleNotFoundError) and (cause.name or "").endswith(f".{self.module}"):
            told = NOT_FOUND(application=self.title, location=self.location)
        else:
            told = NOT_STARTED(application=self.title, cause=f"{type(cause).__name__}: {cause} ({place_of(cause)})")
        logger.error("%s", told, exc_info=cause)
        return _Unavailable(self.title, told)

    async def _living(self, app: object, modules: Modules, began: float, assembly: Assembly) -> Service:
        lifespan = Lifespan(app, self.title)
        failure = await lifespan.start()
        if failure:
            await lifespan.close()
            modules.forget()
            told = NOT_STARTED(application=self.title, cause=failure)
            told.log(logger)
            return _Unavailable(self.title, told)
        application = Application(app, self.title, self.root, lifespan.state)  # type: ignore[arg-type]  # any callable may be one

        async def close() -> None:
            await application.close()
            await lifespan.close()
            modules.forget()

        assembly.closing(close)
        STARTED.log(logger, application=self.title, seconds=f"{time.monotonic() - began:.3f}")
        return application


async def _look_at_apis(assembly: Assembly) -> None:
    """Once for all applications: is every API that is spoken of one of them?"""
    configuration = assembly.configuration
    warn_of_unserved(configuration, (each.title for each in configuration.all(WebApplication)))


def _watch(modules: Modules, module: Path, assembly: Assembly) -> None:
    """Watch the files themselves and not their folder: an application may keep data beside its code."""
    for file in modules.files() | {module}:
        assembly.watch(file)


class _Unavailable:
    """The service of an application that could not be started."""

    def __init__(self, application: str, told: Told) -> None:
        self._reason = NO_APPLICATION(application=application, cause=told.text)

    async def invoke(self, call: Call) -> Response:
        raise Refused(503, self._reason)
