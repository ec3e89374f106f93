"""How Sphinx makes a site of these pages: ``make docs``."""

from placket import __version__

project = "Placket"
author = "The Placket authors"
copyright = "The Placket authors"  # noqa: A001 - Sphinx names it so
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["attrs_inline", "colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"Placket {version}"

default_role = "literal"  # single backticks in docstrings name code
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
autodoc_default_options = {"members": True, "show-inheritance": True}
