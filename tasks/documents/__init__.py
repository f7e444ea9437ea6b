"""The consolidated report as files: a YearReport in, the bytes of a PDF, a Word or an Excel document out; no database here."""
