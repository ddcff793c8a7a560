"""Archives of folders: zip, jar, pax, tar and tar.gz, by the ending of the name."""

import io
import tarfile
import time
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

# What goes into an archive: its name there, and the file, folder or content.
Entry = tuple[str, Path | bytes]


def tree(folder: Path, root: str, left_out: Iterable[str] = ()) -> Iterator[Entry]:
    """A folder and all below it, but for the relative paths that are left out with all below them."""
    out = frozenset(left_out)

    def walk(path: Path, name: str) -> Iterator[Entry]:
        yield f"{root}{name}/", path
        for found in sorted(path.iterdir()):
            inner = f"{name}/{found.name}" if name else found.name
            if inner in out:
                continue
            if found.is_dir():
                yield from walk(found, inner)
            elif found.is_file():
                yield f"{root}{inner}", found

    yield from walk(folder, "")


def write(path: Path, entries: Iterable[Entry]) -> None:
    """Write an archive whole or not at all; raises OSError."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        (_write_tar if path.name.endswith((".tar", ".tar.gz", ".pax")) else _write_zip)(fresh, path.name, entries)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _write_zip(path: Path, _name: str, entries: Iterable[Entry]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for name, content in entries:
            if isinstance(content, bytes):
                archive.writestr(name, content)
            elif name.strip("/"):
                archive.write(content, name)


def _write_tar(path: Path, name: str, entries: Iterable[Entry]) -> None:
    with tarfile.open(path, "w:gz" if name.endswith(".gz") else "w") as archive:
        for inner, content in entries:
            if isinstance(content, bytes):
                about = tarfile.TarInfo(inner)
                about.size, about.mtime = len(content), int(time.time())
                about.type = tarfile.DIRTYPE if inner.endswith("/") else tarfile.REGTYPE
                archive.addfile(about, io.BytesIO(content))
            elif inner.strip("/"):
                archive.add(content, inner.rstrip("/"), recursive=False)
