"""Tables: any dataframe or file → columns and labels, and the measures of its columns."""

from kullback.tables.labels import Labels as Labels
from kullback.tables.labels import read_labels as read_labels
from kullback.tables.measure import ColumnMeasure as ColumnMeasure
from kullback.tables.measure import TableMeasure as TableMeasure
from kullback.tables.measure import entropy as entropy
from kullback.tables.measure import measure as measure
from kullback.tables.measure import mutual_information as mutual_information
from kullback.tables.measure import rows_with as rows_with
from kullback.tables.predictions import Predictions as Predictions
from kullback.tables.predictions import Roles as Roles
from kullback.tables.predictions import read_predictions as read_predictions
from kullback.tables.predictions_pair import PredictionsPair as PredictionsPair
from kullback.tables.predictions_pair import read_predictions_pair as read_predictions_pair
from kullback.tables.read import as_frame as as_frame
from kullback.tables.read import name_rows as name_rows
from kullback.tables.read import read_table as read_table
from kullback.tables.read import require_columns as require_columns
