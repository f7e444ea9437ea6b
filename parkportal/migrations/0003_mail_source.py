from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parkportal", "0002_mail_trouble")]

    operations = [migrations.AddField("outgoingmail", "source", models.BinaryField(default=b""))]
