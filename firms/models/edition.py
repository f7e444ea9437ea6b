"""The directory's edition: a token that changes whenever something that it shows has changed."""

import uuid

from django.db import models, transaction


class Edition(models.Model):
    """One row. Every process keeps the directory in memory and reads again what changed when the token is another one."""

    token = models.UUIDField(default=uuid.uuid4)

    def __str__(self):
        return str(self.token)

    @classmethod
    def current(cls):
        """The token, or None before anything was ever saved."""
        return cls.objects.filter(pk=1).values_list("token", flat=True).first()

    @classmethod
    def turn(cls):
        """Says, once the change is committed, that the directory is to be read again. Costs no lock within the transaction."""
        transaction.on_commit(lambda: cls.objects.update_or_create(pk=1, defaults={"token": uuid.uuid4()}))
