"""Names of the screen font's files, apart from the tools that cut them: every page needs the names, only set-up the tools."""

FILES = {"be-vietnam-pro-400.woff2": "Regular", "be-vietnam-pro-600.woff2": "SemiBold"}
STYLES = "fonts.css"  # written beside the files, so that no style sheet names a file that is not there
