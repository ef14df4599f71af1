"""An account as text for the terminal and as one self-contained HTML file with pictures."""

from kullback.report.html import write_html as write_html
from kullback.report.text import to_text as to_text
