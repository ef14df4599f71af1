"""An account, a comparison, or the measures of a table's columns, as text and as one self-contained HTML file."""

from kullback.report.columns import columns_to_text as columns_to_text
from kullback.report.columns_page import write_columns_html as write_columns_html
from kullback.report.comparison import comparison_text as comparison_text
from kullback.report.comparison import write_comparison as write_comparison
from kullback.report.html import write_html as write_html
from kullback.report.text import to_text as to_text
