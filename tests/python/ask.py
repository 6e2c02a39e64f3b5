"""Short forms of what nearly every test asks."""


def query(client, name, filter="", **options):
    """The rows of a query as plain dictionaries."""
    return [dict(row) for row in list(client.query(name, filter=filter, **options))]


def count(client, name, filter="", **options):
    """`count(*)`."""
    return query(client, name, filter, output_fields=["count(*)"], **options)[0]["count(*)"]


def ids(client, name, filter="", key="id", **options):
    """The primary keys of a query, in the order they came."""
    return [row[key] for row in query(client, name, filter, output_fields=[key], **options)]


def search(client, name, vector, **options):
    """The hits of one query vector."""
    return list(client.search(name, data=[vector], **options)[0])
