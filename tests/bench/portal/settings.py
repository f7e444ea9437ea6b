"""The portal's settings, with two bare pages among its addresses."""

from parkportal.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.portal.urls"
