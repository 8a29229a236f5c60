"""SQL macros that read lists, durations and numbers in the ways in which tables write them.

What cannot be read stays as it is written, so that conform sets its row aside with the text.
"""

import re

SECONDS = "MAP {'days': 86400, 'hours': 3600, 'minutes': 60, 'seconds': 1, 'milliseconds': 0.001}"
# A number that a spreadsheet wrote in powers of ten, its digits after the point and the power.
POWER = r"^[1-9](?:[.,](\d+))?[eE]\+?(\d{1,4})$"
AFTER, POWERS = (f"regexp_extract(trim(text), '{POWER}', {i})" for i in (1, 2))
POWERS = f"TRY_CAST({POWERS} AS INTEGER)"
WHOLE = r"^(0|[1-9]\d*)\.0+$"
AS_CLOCK = r"^(-?)(?:(\d+)(?: days?,? ?|[. ]))?(\d+):(\d\d):(\d\d(?:\.\d+)?)$"
OF_TWO = r"^(-?)(\d+):(\d\d)$"
# PT1H30M and "1 h 30 min"; months and years have no length
SPELLED = r"(?i)^p?{w[a-z]*}{d[a-z]*}t?{h[a-z]*}{m(?:in[a-z]*)?}{s[a-z]*}$"
SPELLED = re.sub(r"\{(.*?)\}", r"(?:(\\d+(?:\\.\\d+)?) ?\1[ ,]*)?", SPELLED)
# What stands in the brackets of a list, without a last comma.
INSIDE = r"regexp_replace(trim(text), '(?s)^.|,?\s*.$', '', 'g')"


def _sum(pattern: str, seconds: tuple[int, ...]) -> str:
    """SQL for the seconds that the numbers in a text stand for, of which those left out are 0."""
    first = 2 if pattern.startswith("^(-?)") else 1
    parts = (
        f"coalesce(TRY_CAST(regexp_extract(text, '{pattern}', {i}) AS DOUBLE), 0) * {each}"
        for i, each in enumerate(seconds, first)
    )
    sign = "CASE WHEN starts_with(text, '-') THEN -1 ELSE 1 END * "
    return f"{sign}({' + '.join(parts)})"


MACROS = rf"""
    CREATE MACRO as_whole(text) AS regexp_replace(trim(text), '{WHOLE}', '\1');
    CREATE MACRO as_id(text) AS CASE
        WHEN regexp_matches(trim(text), '{WHOLE}') THEN as_whole(text)
        WHEN regexp_matches(trim(text), '{POWER}') AND length({AFTER}) >= {POWERS}
             AND regexp_matches(substr({AFTER}, {POWERS} + 1), '^0*$')
        THEN left(trim(text), 1) || substr({AFTER}, 1, {POWERS}) ELSE text END;
    CREATE MACRO trimmed(words) AS listed(list_transform(words, lambda w: trim(w)));
    CREATE MACRO as_list(text, between) AS CASE
        WHEN json_valid(text) AND TRY(json_type(text)) = 'ARRAY' THEN CASE
            WHEN TRY(json_type(text, '$[0]')) = 'OBJECT' THEN text
            ELSE coalesce(trimmed(TRY(from_json(text, '["VARCHAR"]'))), text) END
        WHEN regexp_matches(text, '(?s)^\s*([\[(].*[\])]|{{[^:]*}})\s*$')
        THEN coalesce(trimmed(TRY_CAST('[' || {INSIDE} || ']' AS VARCHAR[])), text)
        ELSE trimmed(string_split_regex(text, between)) END;
    CREATE MACRO lasted(text, unit) AS CASE
        WHEN regexp_matches(text, '^-?\d+(\.\d+)?$|^-?\d+,\d\d?$')
        THEN CAST(replace(text, ',', '.') AS DOUBLE) * {SECONDS}[unit]
        WHEN regexp_matches(text, '{AS_CLOCK}') THEN {_sum(AS_CLOCK, (86400, 3600, 60, 1))}
        WHEN regexp_matches(text, '{OF_TWO}') THEN CASE unit
            WHEN 'h:mm' THEN {_sum(OF_TWO, (3600, 60))}
            WHEN 'm:ss' THEN {_sum(OF_TWO, (60, 1))} END
        WHEN regexp_matches(text, '{SPELLED}') AND NOT regexp_matches(text, '(?i)^p[^t]*m')
             AND regexp_matches(text, '\d')
        THEN {_sum(SPELLED, (604800, 86400, 3600, 60, 1))} END;
    CREATE MACRO in_minutes(text, unit) AS
        coalesce(CAST(lasted(trim(text), unit) / 60 AS VARCHAR), text);
    CREATE MACRO after(start, text, unit) AS coalesce(
        TRY(strftime(CAST(start AS TIMESTAMPTZ)
                     + to_microseconds(CAST(round(1e6 * lasted(trim(text), unit)) AS BIGINT)),
                     '%Y-%m-%dT%H:%M:%S.%fZ')),
        text || ' is no duration in ' || unit);"""
