"""The voices that Bandwidth's documentation of `SpeakSentence` lists, as of 2023. Bandwidth may have added others."""

VOICES = frozenset(
    {
        *("julie", "kate", "susan", "ruth", "dave", "paul", "stephen"),  # en_US
        *("bridget", "simon"),  # en_UK
        *("katrin", "stefan"),  # de
        *("esperanza", "violeta", "jorge"),  # es
        *("rosa", "lupe", "pedro"),  # es_MX, es_US
        *("jolie", "bernard", "gabrielle", "liam"),  # fr, fr_CA
        *("paola", "luca"),  # it
        *("masako", "kenji"),  # ja
        *("nadiya", "anatoli"),  # ru
        *("zeina", "zhiyu"),  # arb, cmn-CN
    }
)
