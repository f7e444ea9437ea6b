from django.apps import AppConfig


class ParkportalConfig(AppConfig):
    name = "parkportal"
