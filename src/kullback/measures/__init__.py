"""What is averaged: one measure a file. Every one takes (p, q) = (truth, model) and returns an Estimate."""

from kullback.measures.conditional_entropy import conditional_entropy as conditional_entropy
from kullback.measures.cross_entropy import cross_entropy as cross_entropy
from kullback.measures.entropy import entropy as entropy
from kullback.measures.information import information as information
from kullback.measures.jensen_shannon import jensen_shannon as jensen_shannon
from kullback.measures.kl_divergence import kl_divergence as kl_divergence
from kullback.measures.mutual_information import mutual_information as mutual_information
from kullback.measures.perplexity import perplexity as perplexity

__all__ = [
    "conditional_entropy",
    "cross_entropy",
    "entropy",
    "information",
    "jensen_shannon",
    "kl_divergence",
    "mutual_information",
    "perplexity",
]
