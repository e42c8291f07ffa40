"""The forms in which numbers and visits are written in abstracts, as patterns."""

from __future__ import annotations

from reported.claims.printed import MINUS

NUMBER = r"(?:\d+(?:[.,·]\d+)?|[.·]\d+)"
SIGNED = rf"(?:(?<!\d)[+{MINUS}]\s?)?{NUMBER}"
SPREAD = r"SD|SEM?|ET|DS|écart[- ]type|standard deviation|standard error"
WOMEN, MEN = "women|females|femmes", "men|males|hommes"
PEOPLE = rf"patient(?:e?s)?|participants?|subjects?|adults?|sujets?|malades?|{WOMEN}|{MEN}"
BASELINE = r"\b(?:baseline|before|initially|inclusion|avant|initiale?|(?:day|jour|[DJ])\s?0)\b"
LATER = (
    r"\b(?:follow[- ]up|after(?:wards)?|après|(?P<unit>day|jour|[DJ]|week|semaine|month|mois)\s?"
    r"(?P<time>[1-9]\d*)|(?P<span>[1-9]\d*)[- ](?P<of>day|week|month|jour|semaine|mois)s?)\b"
)
# What is read, in the order in which it is tried at each place.
FORMS = rf"""
    (?P<p>(?<!\w)p(?:[ -]?values?)?\s*[=<>≤≥‹›:]\s*{NUMBER}\*{{0,3}} | (?<!\w)p\s*=?\s*n\.?s\b)
  | (?P<mean>{SIGNED})\s*(?:±|\+\s?/\s?[{MINUS}])\s*(?P<spread>{NUMBER})
  | 9[059]\s?%\s?(?:CI|IC)\D{{0,4}}?(?P<lower>{SIGNED})\s*(?:to|à|[;,{MINUS}])\s*(?P<upper>{SIGNED})
  | (?P<count>\d+)\s*(?:(?:of|/|sur)\s*(?P<n_of>\d+)\s*)?(?:(?:{PEOPLE})\s*)?
        [(\[]\s*(?P<share>{NUMBER}\s?%)\s*[)\]]
  | (?P<average>{SIGNED})\s*\(\s*(?:(?P<kind>{SPREAD})\s*[=:]?\s*)?(?P<deviation>{NUMBER})\s*\)
  | (?<!\w)(?P<statistic>(?-i:[tF]))\s*(?:\((?P<freedom>[\d,. ]+)\))?\s*=\s*(?P<value>{SIGNED})
  | (?<![\d.,])0\s?(?:to|à|[{MINUS}])\s?(?P<greatest>10{{1,2}})\b
  | (?P<percentage>{SIGNED}\s?%)
  | (?<!\w)n\s*=\s*(?P<n>\d+)
  | (?P<people>\d+)\s+(?:[^\W\d]+\s+){{0,3}}?(?P<who>{PEOPLE})\b
  | (?P<before>{BASELINE}) | (?P<later>{LATER})
  | (?P<plain>{SIGNED})
"""
FALLS = r"(?P<falls>decreas|reduc|réduct|rédui|fell|drop|lower|declin|baiss|diminu)"
WAYS = rf"{FALLS}|(?P<rises>increas|rose|gain|augment)|(?P<better>improv|amélior)"
BETWEEN = r"between (?:the )?(?:groups|arms)|versus (?:placebo|control)|entre (?:les )?groupes"
FOLLOWED = r"follow|complet|analy[sz]|returned|revus|suivis|terminé"
# A number with one of these after it is no score.
UNITS = r"\s*(?:(?:mg|µg|g|kg|ml|h|hours?|years?|ans|min)\b|/)"
OTHERWISE = r"\b(?:age|aged|âge|âgés?|BMI|IMC|duration|durée|dose)\b"
DAYS = {"d": "day", "j": "day", "w": "week", "s": "week", "m": "month"}
