"""What the progress bar of Keras 2.2.4 printed: its own classes, out of its wheel, driven by hand with a clock of ours."""
import ast
import collections
import contextlib
import io
import sys
import zipfile

import numpy as np

START = 1024.0


class Clock:
    """Stands in for the module `time`."""

    now = START

    @classmethod
    def time(cls):
        return cls.now


class Terminal(io.StringIO):
    def isatty(self):
        return True


def classes(wheel):
    """Progbar and ProgbarLogger, by themselves."""
    space = {"np": np, "time": Clock, "sys": sys, "collections": collections, "Callback": object}
    for path, name in (("keras/utils/generic_utils.py", "Progbar"), ("keras/callbacks.py", "ProgbarLogger")):
        tree = ast.parse(wheel.read(path).decode())
        tree.body = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name]
        exec(compile(tree, path, "exec"), space)
    return space["Progbar"], space["ProgbarLogger"]


def record(r, arguments):
    with zipfile.ZipFile(arguments.keras2) as wheel:
        Progbar, Logger = classes(wheel)
    for name, verbose, epochs, samples, batch, seconds, validation in [
            ("fit", 1, 2, 640, 64, 0.125, False), ("fit_validation", 1, 1, 1000, 32, 0.0625, True),
            ("fit_slow", 1, 1, 96, 32, 100.0, False), ("fit_very_slow", 1, 1, 5, 1, 2000.0, False),
            ("fit_fast", 1, 1, 60000, 600, 1 / 1024, False), ("brief", 2, 2, 640, 64, 0.125, True)]:
        text, events, now, steps = Terminal(), [], 0.0, samples // batch + (samples % batch > 0)
        Clock.now = START
        logger = Logger("samples")
        logger.params = {"verbose": verbose, "epochs": epochs, "samples": samples, "metrics": ["loss", "acc", "val_loss", "val_acc"]}
        with contextlib.redirect_stdout(text):
            logger.on_train_begin({})
            for epoch in range(epochs):
                events.append([now, "on_epoch_begin", epoch, []])
                logger.on_epoch_begin(epoch, {})
                logger.on_batch_begin(0, {})
                seen, sums = 0, np.zeros(2)
                for step in range(steps):
                    size = min(batch, samples - seen)
                    figures = np.array([2.5 / (step + 1 + epoch), 0.0009 + step / steps])
                    seen, sums = seen + size, sums + figures * size
                    now += seconds
                    Clock.now = START + now
                    means = [["loss", sums[0] / seen], ["acc", sums[1] / seen]]
                    events.append([now, "on_train_batch_end", step, means])
                    logger.on_batch_begin(step, {})
                    logger.on_batch_end(step, {"batch": step, "size": size, "loss": figures[0], "acc": figures[1]})
                end = means + ([["val_loss", 0.75], ["val_acc", 0.25]] if validation else [])
                events.append([now, "on_epoch_end", epoch, end])
                # The means of an epoch come from a callback before this one.
                logger.on_epoch_end(epoch, dict(end))
        r.add(name, verbose=verbose, epochs=epochs, steps=steps, samples=samples, batch_size=batch, start=START, ascii=False,
              events=events, text=text.getvalue())
    # evaluate shows no figures.
    text, events = Terminal(), [[0.0, "on_test_begin", None, []]]
    Clock.now = START
    with contextlib.redirect_stdout(text):
        bar = Progbar(target=100)
        for step in range(4):
            Clock.now = START + 0.25 * (step + 1)
            events.append([0.25 * (step + 1), "on_test_batch_end", step, [["loss", 0.5]]])
            bar.update(min(100, 32 * (step + 1)))
    events.append([1.0, "on_test_end", None, [["loss", 0.5]]])
    r.add("evaluate", verbose=1, epochs=1, steps=4, samples=100, batch_size=32, start=START, ascii=False, events=events,
          text=text.getvalue())
