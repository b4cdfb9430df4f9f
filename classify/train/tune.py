"""Tunes the encoder and a head for one thesis, end to end, on the thesis's own train.jsonl.

    tune.py THESIS_DIR MPNET OUT        # -> OUT: a checkpoint for export.py, with head.json in it

MPNET is the folder that mpnet.py unpacks: all-mpnet-base-v2. Needs what requirements.txt names. Products are made in bfloat16: a processor with
AVX512_BF16 or AMX takes about two seconds a step, another one far longer. Every pass writes OUT/NAME.pt, and a run that was interrupted goes
on after the last one written. Only train.jsonl is read: posts written for the project.

First all twelve layers are tuned, then the upper six are taken off and the lower six tuned further: what ships must be small. The checkpoint is
the mean of the weights after the passes named in MEAN.

A pass takes all posts of the natural threads (batches "threads…", coded after they were written) and a part of the others, drawn anew.
A post that a second coder coded otherwise, blind, counts half for each stance. Posts that would not reach a classifier are left
out: on-topic ones must name a subject or a talk, and of the unrelated ones that name neither a quarter stays. Weights even out the stances to PRIOR
within each batch (one voice), and over the whole of the threads, which count double.
"""

import argparse, json, pathlib, random, re
from typing import NamedTuple

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

STANCES = ["agree", "disagree", "discuss", "unrelated"]
PRIOR = np.array([0.27, 0.07, 0.31, 0.35])
TALK = re.compile(r"\b(?:talks?|negotiat\w*|diploma\w*|summits?|cease[- ]?fires?|truces?|armistice|peace\w*|deals?|agreements?|treat(?:y|ies)"
                  r"|accords?|settlement|minsk|memorandum|off[- ]?ramp|concessions?|mediat\w*|end(?:s|ing)? (?:the|this|of the) war"
                  r"|stop(?:ping)? (?:the|this) war|compromise\w*|terms|demands)\b")
SUBJECT = re.compile(r"\b(?:ukrain\w*|russia\w*|putin\w*|kyiv|kiev|zelen\w*|kremlin|moscow|lavrov|donba\w*|crimea|minsk|peskov)\b|#\w*(?:ukraine|russia|putin)\w*")
SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
BATCH, LENGTH, HEAD_RATE, SMOOTHING, JOINED = 32, 80, 1e-3, 0.1, 0.15
QUESTIONED = 0.7  # what a second coder's stance counts beside the first one's 1, where that coder said that another might say otherwise


class Stage(NamedTuple):
    """Passes with one learning rate, which rises over the first 6 % of their steps and then falls to nearly nothing."""

    name: str
    begin: str | None  # the pass whose weights it begins with; None: as the encoder comes
    layers: int  # of the encoder, from the lowest
    frozen: int  # of these, from the lowest; the embeddings always are
    rate: float
    others: float  # the part of the posts outside the threads that a pass takes
    passes: int


STAGES = [
    Stage("whole", None, 12, 2, 3e-5, 0.4, 1),
    Stage("six", "whole-1", 6, 1, 4e-5, 0.2, 2),
    Stage("again", "six-2", 6, 1, 3e-5, 0.2, 1),
]
MEAN = ["six-2", "again-1"]


def plain(text):
    """The text as the encoder gets it; careful.go does the same."""
    for a, b in (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"')):
        text = text.replace(a, b)
    return " ".join(re.sub(r"https?://\S+", " ", text).split())


def threads(post):
    return post["batch"].startswith("threads")


def target(post):
    """What the coders say, as probabilities of the stances."""
    y = np.zeros(len(STANCES))
    y[STANCES.index(post["stance"])] = 1
    if "second" in post:
        y[STANCES.index(post["second"].rstrip("?"))] += QUESTIONED if post["second"].endswith("?") else 1
    return y / y.sum()


def read(folder, rnd):
    posts = []
    for line in (folder / "train.jsonl").open(encoding="utf-8"):
        p = json.loads(line)
        p["target"] = target(p)
        p["stance"] = STANCES[p["target"].argmax()]
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
    return w * np.where(groups == "threads", 2, 1)


def joined(post, by, rnd):
    """Sometimes a post with another before or after it that does not change its stance: people digress."""
    text, stance = post["text"], post["stance"]
    if rnd.random() < JOINED:
        other = {"unrelated": ["unrelated"], "discuss": ["unrelated", "discuss"]}.get(stance, ["unrelated", "discuss", stance])
        parts = [s for s in SENTENCE.split(rnd.choice(by[rnd.choice(other)])) if s.strip()]
        extra = " ".join(parts[:1] if rnd.random() < 0.5 else parts)
        text = f"{text} {extra}" if rnd.random() < 0.5 else f"{extra} {text}"
    return text.lower() if rnd.random() < 0.1 else text


class Model:
    """The lower layers of the encoder, with a linear head over the mean of the last hidden states."""

    def __init__(self, base, layers, frozen):
        self.tokeniser, self.encoder = AutoTokenizer.from_pretrained(base), AutoModel.from_pretrained(base, add_pooling_layer=False)
        self.encoder.encoder.layer = self.encoder.encoder.layer[:layers]
        self.encoder.config.num_hidden_layers = layers
        self.encoder.embeddings.requires_grad_(False)
        for layer in self.encoder.encoder.layer[:frozen]:
            layer.requires_grad_(False)
        self.head, self.drop = torch.nn.Linear(self.encoder.config.hidden_size, 4), torch.nn.Dropout(0.1)
        torch.nn.init.normal_(self.head.weight, std=0.02)

    def logits(self, texts):
        b = self.tokeniser(texts, padding=True, truncation=True, max_length=LENGTH, return_tensors="pt")
        mask = b["attention_mask"].unsqueeze(-1).float()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            hidden = self.encoder(**b).last_hidden_state
        return self.head(self.drop((hidden.float() * mask).sum(1) / mask.sum(1)))

    def state(self):
        return {"encoder": self.encoder.state_dict(), "head": self.head.state_dict()}

    def load(self, state):
        """Takes weights, also those of more layers."""
        missing, _ = self.encoder.load_state_dict(state["encoder"], strict=False)
        assert not missing, missing
        self.head.load_state_dict(state["head"])


def batches(texts, rnd):
    """Indices in batches; texts of like length go together."""
    order = list(range(len(texts)))
    rnd.shuffle(order)
    out = []
    for k in range(0, len(order), BATCH * 12):
        block = sorted(order[k : k + BATCH * 12], key=lambda i: len(texts[i]))
        out += [block[j : j + BATCH] for j in range(0, len(block), BATCH)]
    rnd.shuffle(out)
    return out


def one_pass(model, optimiser, rates, posts, weights, rnd, stage, number):
    y = torch.tensor(np.array([p["target"] for p in posts]), dtype=torch.float32) * (1 - SMOOTHING) + SMOOTHING / len(STANCES)
    weights = torch.tensor(weights, dtype=torch.float32)
    by = {s: [p["text"] for p in posts if p["stance"] == s] for s in STANCES}
    texts = [plain(joined(p, by, rnd)) for p in posts]
    tuned = optimiser.param_groups[0]["params"]
    model.encoder.train()
    total, plan = 0, batches(texts, rnd)
    steps = stage.passes * len(plan)
    for k, batch in enumerate(plan):
        step = number * len(plan) + k
        scale = min((step + 1) / (0.06 * steps), max(0.02, (steps - step) / (0.94 * steps)), 1)
        for group, rate in zip(optimiser.param_groups, rates):
            group["lr"] = rate * scale
        logits = model.logits([texts[i] for i in batch])
        loss = (-(y[batch] * torch.log_softmax(logits, 1)).sum(1) * weights[batch]).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(tuned, 1.0)
        optimiser.step()
        total += loss.item()
        if k % 20 == 0:
            print(f"{stage.name}, pass {number + 1} of {stage.passes}, step {k} of {len(plan)}, loss {total / (k + 1):.3f}", flush=True)


def mean(states):
    """The mean of checkpoints, part by part."""
    first = states[0]
    average = lambda k, v, part: sum(s[part][k] for s in states) / len(states) if v.is_floating_point() else v
    return {part: {k: average(k, v, part) for k, v in first[part].items()} for part in first}


def save(what, file):
    partial = file.with_suffix(".tmp")
    torch.save(what, partial)
    partial.rename(file)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("thesis", type=pathlib.Path)
    a.add_argument("mpnet", type=pathlib.Path)
    a.add_argument("out", type=pathlib.Path)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--threads", type=int, default=2, help="of torch")
    a = a.parse_args()
    torch.set_num_threads(a.threads)
    torch.set_flush_denormal(True)
    a.out.mkdir(parents=True, exist_ok=True)
    file = lambda name: a.out / f"{name}.pt"

    posts = read(a.thesis, random.Random(a.seed))
    weights = evened(posts)
    print(len(posts), "posts", {s: sum(p["stance"] == s for p in posts) for s in STANCES}, flush=True)
    for stage in STAGES:
        torch.manual_seed(a.seed)
        model = Model(a.mpnet, stage.layers, stage.frozen)
        if stage.begin:
            model.load(torch.load(file(stage.begin))["weights"])
        tuned = [p for p in model.encoder.parameters() if p.requires_grad]
        optimiser = torch.optim.AdamW([{"params": tuned, "lr": stage.rate}, {"params": model.head.parameters(), "lr": HEAD_RATE}], weight_decay=0.01)
        for number in range(stage.passes):
            name = f"{stage.name}-{number + 1}"
            if file(name).exists():
                kept = torch.load(file(name))
                model.load(kept["weights"])
                optimiser.load_state_dict(kept["optimiser"])
                continue
            rnd = random.Random(a.seed * 100 + number)
            torch.manual_seed(a.seed * 100 + number)
            taken = [i for i, p in enumerate(posts) if threads(p) or rnd.random() < stage.others]
            one_pass(model, optimiser, (stage.rate, HEAD_RATE), [posts[i] for i in taken], weights[taken], rnd, stage, number)
            save({"weights": model.state(), "optimiser": optimiser.state_dict()}, file(name))

    model.load(mean([torch.load(file(name))["weights"] for name in MEAN]))
    model.encoder.save_pretrained(a.out)
    model.tokeniser.save_vocabulary(str(a.out))
    layer = {"weight": model.head.weight.tolist(), "bias": model.head.bias.tolist()}
    mix = {"w_fast": 0.0, "w_enc": 1.0, "temperature": 1.0, "bias": [0, 0, 0, 1], "threshold": 0.0, "ask_below": 0.95}
    (a.out / "head.json").write_text(json.dumps({"layers": [layer], **mix, "posts": len(posts), "fitted": "end to end, classify/train/tune.py"}))


if __name__ == "__main__":
    main()
