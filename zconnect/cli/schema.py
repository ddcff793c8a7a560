"""`server schema`: prints the XML schema of server.xml."""

from zconnect.cli.action import Action, Arguments, Exit, print_document


def run(arguments: Arguments) -> Exit:
    """Print it."""
    from zconnect.config.xsd import to_xsd
    from zconnect.features import vocabulary

    print_document(to_xsd(vocabulary()))
    return Exit.OK


ACTION = Action(
    "schema",
    "Prints the schema (XSD) by which an XML editor completes and checks a server.xml that names it: xsi:noNamespaceSchemaLocation.",
    (),
    run,
    group="Information",
    server=False,
    lenient=True,
    documents=lambda words: True,
)
