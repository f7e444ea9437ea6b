"""One JSON object a line, for servers whose logs are collected (LOG_FORMAT=json)."""

import json
import logging
from datetime import UTC, datetime


class JsonFormatter(logging.Formatter):
    def format(self, record):
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if status := getattr(record, "status_code", None):
            line["status"] = status
        if request := getattr(record, "request", None):
            line["path"] = getattr(request, "path", "")
        return json.dumps(line, ensure_ascii=False)
