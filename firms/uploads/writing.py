"""Many rows at once with their history: who, when, why. PostgreSQL takes them by COPY, other databases by bulk_create.

The models' own save() is not called, so whoever writes here has called prepare() or normalise() before. A row's reason stands in
its `_change_reason`, as django-simple-history has it."""

import json
from operator import attrgetter

from django.db import connection, models

BATCH = 2000


def create(model, objects, user, now):
    """Inserts the objects, gives them their keys, and writes a first history row for each."""
    if not objects:
        return
    if connection.vendor == "postgresql":
        _give_keys(model, objects)
        fields = model._meta.concrete_fields
        _copy(model._meta.db_table, [field.column for field in fields], map(_reader(fields), objects), fields)
    else:
        model.objects.bulk_create(objects, batch_size=BATCH)
    _write_history(model, objects, "+", user, now)


def update(model, objects, names, user, now):
    """Writes the named fields of stored objects, and a history row for each. An upsert: bulk_update is ten times as slow."""
    if not objects:
        return
    model.objects.bulk_create(
        objects, batch_size=BATCH // 2, update_conflicts=True, unique_fields=["id"], update_fields=sorted(names)
    )
    _write_history(model, objects, "~", user, now)


def _write_history(model, objects, kind, user, now):
    history = model.history.model
    if connection.vendor != "postgresql":
        model.history.bulk_history_create(
            objects, batch_size=BATCH, update=kind == "~", default_user=user, default_date=now, default_change_reason=""
        )
        return
    fields = [history._meta.get_field(field.name) for field in history.tracked_fields]
    read = attrgetter(*(field.attname for field in history.tracked_fields), "_change_reason")
    pack = _packer(fields)
    columns = [field.column for field in fields]
    columns += ["history_change_reason", "history_date", "history_type", "history_user_id"]
    rows = ((*pack(values[:-1]), values[-1], now, kind, user.pk) for values in map(read, objects))
    _copy(history._meta.db_table, columns, rows)


def _give_keys(model, objects):
    without = [one for one in objects if one.pk is None]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [model._meta.db_table, len(without)]
        )
        for one, (key,) in zip(without, cursor.fetchall(), strict=True):
            one.pk = key
            one._state.adding = False


def _reader(fields):
    return attrgetter(*(field.attname for field in fields))


def _packer(fields):
    """Turns the values of JSON columns into text; everything else the driver writes itself."""
    places = [place for place, field in enumerate(fields) if isinstance(field, models.JSONField)]

    def pack(values):
        values = list(values)
        for place in places:
            value = values[place]
            values[place] = _EMPTY.get(type(value), "") if not value and value is not None else _dumped(value)
        return values

    return pack


_EMPTY = {dict: "{}", list: "[]"}


def _dumped(value):
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _copy(table, columns, rows, fields=None):
    quote = connection.ops.quote_name
    statement = f"COPY {quote(table)} ({', '.join(map(quote, columns))}) FROM STDIN"
    pack = _packer(fields) if fields else None
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for values in rows:
            copy.write_row(pack(values) if pack else values)
