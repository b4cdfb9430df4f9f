"""The reference tokeniser, for a test of classify/encoder: reads one JSON string a line, writes the ids of its pieces as a JSON list.

    tokens.py VOCAB.txt MAX_TOKENS < texts.jsonl
"""

import json, sys

from transformers import BertTokenizerFast

tokeniser = BertTokenizerFast(vocab_file=sys.argv[1], do_lower_case=True)
texts = [json.loads(line) for line in sys.stdin]
for ids in tokeniser(texts, truncation=True, max_length=int(sys.argv[2]))["input_ids"]:
    print(json.dumps(ids, separators=(",", ":")))
