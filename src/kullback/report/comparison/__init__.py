"""A comparison of two models as text and as one HTML file."""

from kullback.report.comparison.html import write_comparison as write_comparison
from kullback.report.comparison.text import comparison_text as comparison_text
