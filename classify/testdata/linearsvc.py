"""TF-IDF and LinearSVC of scikit-learn, for TestSideBySide: linearsvc.py TRAIN TEST, lines of label, tab, text."""
import sys, time
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

rows = [line.rstrip("\n").split("\t", 1) for line in open(sys.argv[1], encoding="utf-8")]
texts = [line.rstrip("\n").split("\t", 1)[1] for line in open(sys.argv[2], encoding="utf-8")]
model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LinearSVC())
start = time.perf_counter()
model.fit([t for _, t in rows], [y for y, _ in rows])
fitted = time.perf_counter()
model.predict(texts)
batch = time.perf_counter()
for t in texts[:500]:
    model.predict([t])
single = time.perf_counter()
print(fitted - start, batch - fitted, (single - batch) / 500 * len(texts))
