"""Orders."""


async def app(scope: object, receive: object, send: object) -> None:
    """Nothing yet."""
    raise NotImplementedError
