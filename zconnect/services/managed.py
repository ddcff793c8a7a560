"""The attributes of everything that `zosconnect_zosConnectManager` guards: groups, interceptors, login and TLS of one resource."""

from zconnect.config.schema import Element, attr, element, ref
from zconnect.roles import NOT_ASKED, Interceptors, Managed
from zconnect.values import Groups


@element
class ManagedResource(Element):
    """What a resource says for itself; what it does not say, the manager says."""

    admin_group: tuple[str, ...] = attr(default=(), guard=True, doc="Groups whose members may do everything with it (Admin level)")
    operations_group: tuple[str, ...] = attr(
        default=(), guard=True, doc="Groups whose members may start and stop it (Operations level)", unused=NOT_ASKED
    )
    invoke_group: tuple[str, ...] = attr(default=(), guard=True, doc="Groups whose members may call it (Invoke level)")
    reader_group: tuple[str, ...] = attr(
        default=(), guard=True, doc="Groups whose members may read what it is (Reader level)", unused=NOT_ASKED
    )
    interceptors: Interceptors | None = ref(guard=True, doc="Interceptors for this resource, beside the global ones")
    run_global_interceptors: bool = attr(default=True, guard=True, doc="The global interceptors run for this resource, too")
    require_auth: bool | None = attr(default=None, guard=True, doc="Callers must log in; without it the manager's requireAuth")
    require_secure: bool | None = attr(default=None, guard=True, doc="Plain http is refused; without it the manager's requireSecure")

    @property
    def groups(self) -> Groups:
        """The groups by access level."""
        return Groups(
            admin=frozenset(self.admin_group),
            operations=frozenset(self.operations_group),
            invoke=frozenset(self.invoke_group),
            reader=frozenset(self.reader_group),
        )

    @property
    def protection(self) -> Managed:
        """What it says about login and TLS."""
        return Managed(require_auth=self.require_auth, require_secure=self.require_secure)
