"""Opens the examples in DuckDB and pandas and checks types and values. Run by TestInterop."""
import sys
import duckdb
import pandas as pd

folder = sys.argv[1]
text = '=HYPERLINK("https://example.org")\r\nHe said "soon", again; \'soon\'\t\U0001f644'

for name in ("csv", "parquet"):
    table = f"'{folder}/example.{name}'"
    types = {r[0]: r[1] for r in duckdb.sql(f"describe select * from {table}").fetchall()}
    assert types["post_id"] == "VARCHAR", types
    assert types["created_at"] == "TIMESTAMP WITH TIME ZONE", types
    assert types["p_agree"] == "DOUBLE" and types["likes"] == "BIGINT" and types["text_truncated"] == "BOOLEAN", types
    rows = duckdb.sql(f"select post_id, text, p_agree, likes, stance, epoch_ms(created_at) from {table}").fetchall()
    assert len(rows) == 3, rows
    assert rows[0][0] == "x:1940812345678901234" and rows[0][2] == 0.8 and rows[0][3] == 0 and rows[0][4] == "agree", rows[0]
    assert rows[0][5] == 1751572800120, rows[0]
    assert rows[0][1] == ("'" if name == "csv" else "") + text, rows[0][1]
    assert rows[1][3] == -3 and rows[1][4] is None and rows[2][2] is None, rows
assert duckdb.sql(f"select urls from '{folder}/example.parquet'").fetchall()[0][0] == ['https://example.org/a?b=1&c="2"']

for frame in (pd.read_csv(f"{folder}/example.csv", parse_dates=["created_at"]), pd.read_parquet(f"{folder}/example.parquet"),
              pd.read_json(f"{folder}/example.jsonl", lines=True)):
    assert list(frame.columns)[0] == "post_id", frame.columns
    assert frame["post_id"][0] == "x:1940812345678901234", frame["post_id"]
    assert frame["created_at"][0] == pd.Timestamp("2025-07-03T20:00:00.120Z"), frame["created_at"]
    assert frame["p_agree"].dtype == "float64" and frame["p_agree"][0] == 0.8 and pd.isna(frame["p_agree"][2])
    assert frame["likes"][1] == -3 and pd.isna(frame["likes"][2])
    assert frame["text"][0].lstrip("'") == text, frame["text"][0]
    assert frame["stance"].isna().sum() == 2
print(f"duckdb {duckdb.__version__}, pandas {pd.__version__}: 2 and 3 files read with the right types")
