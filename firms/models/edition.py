"""The edition of what is kept in memory: a token that changes whenever something that it shows has changed."""

import uuid

from django.db import models, transaction


class Edition(models.Model):
    """One row for each thing that every process keeps in memory and reads again when its token is another one."""

    DIRECTORY, NETWORK = 1, 2  # the firms; the links between them, which are shown with the firms' names and places

    token = models.UUIDField(default=uuid.uuid4)

    def __str__(self):
        return str(self.token)

    @classmethod
    def current(cls):
        """The directory's token, or None before anything was ever saved."""
        return cls.objects.filter(pk=cls.DIRECTORY).values_list("token", flat=True).first()

    @classmethod
    def all_current(cls):
        """The tokens of everything, in order: for what shows firms and something else."""
        return tuple(cls.objects.order_by("pk").values_list("pk", "token"))

    @classmethod
    def turn(cls, which=DIRECTORY):
        """Says, once the change is committed, that it is to be read again. Costs no lock within the transaction."""
        transaction.on_commit(lambda: cls.objects.update_or_create(pk=which, defaults={"token": uuid.uuid4()}))
