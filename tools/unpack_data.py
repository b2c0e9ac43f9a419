#!/usr/bin/env python3
"""Puts together the data of the examples, which the repository does not ship: tools/unpack_data.py FROM TO

FROM holds text/review_polarity.tar.gz (Pang and Lee's film reviews, Cornell, polarity data set 2.0),
text/tinyshakespeare.txt, membrane/{image,label}_<i>.png (ISBI 2012), tabular/abalone.csv (UCI) and
cifar10_folder/{train,test}/<class>/<picture>.jpg (pictures of CIFAR-10); what is missing there is named and left out. TO then
has the same folders, the archive unpacked to text/txt_sentoken/{pos,neg}/*.txt, and is what the examples take as --data. Files
that are there already are left alone.
"""
import argparse
import pathlib
import re
import shutil
import sys
import tarfile

REVIEW = re.compile(r"txt_sentoken/(pos|neg)/[\w.]+\.txt")


def unpack(archive, to):
    """The reviews of the archive; anything else in it, such as a path that leads elsewhere, is passed over."""
    count = 0
    with tarfile.open(archive) as tar:
        for member in tar:
            if not (member.isfile() and REVIEW.fullmatch(member.name)):
                continue
            target = to / member.name
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                target.write_bytes(tar.extractfile(member).read())
            count += 1
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="FROM", type=pathlib.Path)
    parser.add_argument("to", metavar="TO", type=pathlib.Path)
    arguments = parser.parse_args()
    missing = 0
    for pattern in ("text/review_polarity.tar.gz", "text/tinyshakespeare.txt", "membrane/*.png", "tabular/abalone.csv",
                    "cifar10_folder/*/*/*.jpg"):
        files = sorted(arguments.source.glob(pattern))
        if not files:
            print(f"unpack_data: {arguments.source / pattern}: no such file; left out", file=sys.stderr)
            missing += 1
        for file in files:
            if file.name.endswith(".tar.gz"):
                print(f"unpack_data: {unpack(file, arguments.to / 'text')} reviews from {file.name}")
                continue
            target = arguments.to / file.relative_to(arguments.source)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                shutil.copyfile(file, target)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
