"""Tables: any dataframe or file → columns and labels."""

from kullback.tables.labels import Labels as Labels
from kullback.tables.labels import read_labels as read_labels
from kullback.tables.predictions import Predictions as Predictions
from kullback.tables.predictions import Roles as Roles
from kullback.tables.predictions import read_predictions as read_predictions
from kullback.tables.predictions_pair import PredictionsPair as PredictionsPair
from kullback.tables.predictions_pair import read_predictions_pair as read_predictions_pair
from kullback.tables.read import as_frame as as_frame
from kullback.tables.read import name_rows as name_rows
from kullback.tables.read import read_table as read_table
from kullback.tables.read import require_columns as require_columns
