"""An account, or a comparison, as text for the terminal and as one self-contained HTML file with pictures."""

from kullback.report.comparison import comparison_text as comparison_text
from kullback.report.comparison import write_comparison as write_comparison
from kullback.report.html import write_html as write_html
from kullback.report.text import to_text as to_text
