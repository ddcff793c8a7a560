"""The one table of elements, and the truth of what it says: acted on, or no effect here."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

import pytest

import zconnect
from tests.config.vocabulary import place_at, told, write
from zconnect.config import kernel
from zconnect.config.declarations import declarations
from zconnect.config.export import all_kinds
from zconnect.config.load import load
from zconnect.config.schema import Properties
from zconnect.errors import ConfigurationError
from zconnect.features import FEATURES, VOCABULARY, vocabulary

PACKAGE = Path(zconnect.__file__).parent
# Their attributes are read by the names that stand in the document, before there are elements.
READ_AS_WRITTEN: Final = ("config/include.py", "config/documents.py")
# Attributes without effect whose names other things have as well.
HOMONYMS: Final = {"decode", "header", "keep_alive", "platform", "requests", "version"}
# Read all the same: they are at hand for resources of extensions.
AT_HAND: Final = {"operations_group", "reader_group", "global_operations_group", "global_reader_group"}


def test_every_feature_brings_elements() -> None:
    """A feature without any would be a word without meaning."""
    assert all(FEATURES.values())


def test_the_vocabulary_begins_with_our_own() -> None:
    """Installed extensions come behind."""
    assert vocabulary()[: len(VOCABULARY)] == VOCABULARY


def test_extensions_join_by_their_entry_point(tmp_path: Path) -> None:
    """A distribution that is installed anywhere on the path."""
    about = tmp_path / "ours-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: ours\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[zconnect.features]\nours = ours:FEATURES\n")
    (tmp_path / "ours.py").write_text(
        "from zconnect.config.schema import Element, element\n"
        "@element\nclass Ours(Element):\n    'Ours.'\n    tag = 'ours'\n"
        "FEATURES = {'ours-1.0': (Ours,)}\n"
    )
    script = "from zconnect.features import vocabulary; print(vocabulary()[-1].tag)"
    done = subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=True)
    assert done.stdout == "ours\n"


def test_an_element_without_effect_says_so_itself() -> None:
    """One line announces it, instead of one for each attribute."""
    idle = [
        kind.tag
        for kind in all_kinds(VOCABULARY)
        if not (kind.unused or issubclass(kind, Properties)) and all(each.about.unused for each in declarations(kind) if each.field != "id")
    ]
    assert idle == []


@cache
def read_by_the_code() -> set[str]:
    """All names that the code reads of anything."""
    nodes = [node for path in PACKAGE.rglob("*.py") for node in ast.walk(ast.parse(path.read_text()))]
    return {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)}


def written_in_documents() -> set[object]:
    """The names by which the code reads attributes of a document itself."""
    nodes = [node for name in READ_AS_WRITTEN for node in ast.walk(ast.parse((PACKAGE / name).read_text()))]
    return {node.value for node in nodes if isinstance(node, ast.Constant)}


def test_what_is_acted_on_is_read() -> None:
    """An attribute that nothing reads has no effect, and has to say so."""
    read, written = read_by_the_code(), written_in_documents()
    lies = [
        f"{kind.tag}/@{each.name}"
        for kind in all_kinds(VOCABULARY)
        for each in declarations(kind)
        if not each.about.unused and each.field not in read and not (kind in kernel.ELEMENTS and each.name in written)
    ]
    assert lies == []


def test_what_has_no_effect_is_not_read() -> None:
    """Nor is it said to have none where it has one."""
    declared = [each for kind in all_kinds(VOCABULARY) for each in declarations(kind)]
    idle = {each.field for each in declared if each.about.unused} - {each.field for each in declared if not each.about.unused}
    assert idle & read_by_the_code() == HOMONYMS | AT_HAND


MISTAKES = [
    ('<logging consoleSource="mesage,\n trase"/>', "CWWKG0083W server.xml:2:10 /server/logging/@consoleSource (message)"),
    ('<logging consoleSource="mesage,\n trase"/>', "CWWKG0083W server.xml:2:10 /server/logging/@consoleSource (trace)"),
    ('<logging\n messageSource="message,audit"/>', "ZCON0858W server.xml:3:2 /server/logging/@messageSource"),
    (
        '<logging jsonFieldMappings="masage:a:b,a:b,x"/>',
        "TRAS3010W server.xml:2:10 /server/logging/@jsonFieldMappings (message:a:b)",
    ),
    ('<logging jsonFieldMappings="a:b,x"/>', "TRAS3010W server.xml:2:10 /server/logging/@jsonFieldMappings"),
    (
        '<logging traceSpecification="*=info:zconnect.*=fien"/>',
        "ZCON0185W server.xml:2:10 /server/logging/@traceSpecification (zconnect.*=fine",
    ),
    ('<logging rolloverStartTime="24:00"/>', "CWWKG0083W server.xml:2:10 /server/logging/@rolloverStartTime"),
    ('<httpAccessLogging id="a" rolloverStartTime="6"/>', "CWWKG0083W server.xml:2:27 /server/httpAccessLogging[a]/@rolloverStartTime"),
    (
        '<cors domain="/a" allowedMethods="get,POST,PSOT"/>',
        "CWWKG0083W server.xml:2:19 /server/cors[default-0]/@allowedMethods stops (GET)",
    ),
    ('<cors domain="/a" allowedMethods="G T"/>', "CWWKG0083W server.xml:2:19 /server/cors[default-0]/@allowedMethods stops (GET)"),
    (
        '<cors domain="/a" allowedOrigins="https://a.example/b,shop.example"/>',
        "CWWKG0083W server.xml:2:19 /server/cors[default-0]/@allowedOrigins stops (https://a.example)",
    ),
    ('<cors domain="/a" allowedOrigins="shop.example"/>', "CWWKG0083W server.xml:2:19 /server/cors[default-0]/@allowedOrigins stops"),
    ('<cors domain="a"/>', "CWWKG0075E server.xml:2:7 /server/cors[default-0]/@domain stops (/a)"),
    ('<cors domain="/a" allowedHeaders="X A"/>', "CWWKG0083W server.xml:2:19 /server/cors[default-0]/@allowedHeaders stops"),
    ('<cors domain="/a" exposeHeaders="X-A, :"/>', "CWWKG0083W server.xml:2:19 /server/cors[default-0]/@exposeHeaders"),
    (
        '<virtualHost id="v" hostAlias="shop.example:443,https://shop.example:9443/x"/>',
        "CWWKG0083W server.xml:2:21 /server/virtualHost[v]/@hostAlias stops (shop.example:9443)",
    ),
    (
        '<zosconnect_zosConnectServiceRestClient id="c" host="h" httpMethod="PSOT"/>',
        "CWWKG0083W server.xml:2:57 /server/zosconnect_zosConnectServiceRestClient[c]/@httpMethod (POST)",
    ),
    (
        '<ssl id="s" enabledCiphers="TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA348"/>',
        "ZCON0374W server.xml:2:13 /server/ssl[s]/@enabledCiphers (TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    ),
    ('<ssl id="s" enabledCiphers="none"/>', "ZCON0373E server.xml:2:13 /server/ssl[s]/@enabledCiphers"),
    ('<ssl id="s" sslProtocol="TLSv1.1"/>', "ZCON0372E server.xml:2:13 /server/ssl[s]/@sslProtocol"),
    (
        "<headers>\n<add>X-A:1</add>\n<add>no field</add></headers>",
        "CWWKT0042W server.xml:4:1 /server/headers[defaultHeaders]/add",
    ),
    (
        '<httpEndpoint id="e" httpPort="1">\n<headers><add>X-A:1</add><set>x-a:2</set></headers></httpEndpoint>',
        "CWWKT0043W server.xml:3:26 /server/httpEndpoint[e]/headers[default-0]/set",
    ),
    ('<samesite lax="a" none="b,a"/>', "CWWKT0035W server.xml:2:19 /server/samesite[defaultSameSite]/@none"),
]


@pytest.mark.parametrize(("content", "expected"), MISTAKES)
def test_what_is_mistaken_in_a_value_is_told_at_its_place(tmp_path: Path, content: str, expected: str) -> None:
    """Each of several, with what was perhaps meant, before anything is opened."""
    folder = write(tmp_path / "s", {"server.xml": f"<server>\n{content}\n</server>"})
    try:
        problems = load(place_at(folder), VOCABULARY, environment={}, command_line={}).problems
    except ConfigurationError as refusal:
        problems = refusal.problems

    lines = [line.removeprefix("! ") for line in told(problems)]
    assert any(line.startswith(expected) for line in lines), lines
